import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isatty } from 'node:tty';
import { PINNED_NODE } from './packages.mjs';

/** npm repeats a signal that reached us already; two of a kind this close are one. */
const REPEATED_WITHIN_MS = 500;
/** Where Node keeps what it has compiled, for this program and those that it starts: they start in half of the time. */
const COMPILED = 'node_modules/.cache/node';

/**
 * Runs a program of this repository with the pinned Node, straight from its sources, and never ends before it.
 * @param {{ root: string, main: string, args: readonly string[], env: Record<string, string | undefined> }} run
 * @returns {Promise<number>} its exit code; 128 and the signal's number where a signal ended it
 */
export function runMain({ root, main, args, env }) {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  let child;
  // Before the start: the program may be ready, and a signal may come, before this process runs on.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(
      signal,
      forwarder(() => child?.kill(signal), signal),
    );
  }
  const program = spawn(
    join(root, PINNED_NODE),
    ['--conditions=@frame-buffer/source', '--disable-warning=ExperimentalWarning', join(root, main), ...args],
    {
      stdio: 'inherit',
      env: {
        NODE_COMPILE_CACHE: join(root, COMPILED),
        ...env,
        PATH: [join(root, 'node_modules/.bin'), env['PATH'] ?? ''].join(delimiter),
      },
    },
  );
  child = program;
  return new Promise((resolve, reject) => {
    program.once('error', reject);
    program.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/**
 * @param {() => void} forward
 * @param {NodeJS.Signals} signal
 */
function forwarder(forward, signal) {
  let lastAt = -Infinity;
  return () => {
    // A terminal sends its Ctrl-C to the program as well.
    if (signal === 'SIGINT' && isatty(0)) return;
    const now = performance.now();
    if (now - lastAt > REPEATED_WITHIN_MS) forward();
    lastAt = now;
  };
}
