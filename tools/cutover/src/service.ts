import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export interface ServiceOptions {
  /** Address of the orchestrator. */
  readonly url: string;
  /** Environment of one that is started here; undefined: somebody else starts it. */
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly logFile: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const MAIN = fileURLToPath(new URL('../../../apps/orchestrator/src/main.ts', import.meta.url));
/** Long enough for a person to start it in another window. */
const WAIT_MS = 300_000;
const START_MS = 30_000;
const POLL_MS = 100;

/** Makes sure that an orchestrator runs and is ready. One that is started here goes on when this tool has ended. */
export async function ensureService(options: ServiceOptions): Promise<void> {
  const { url, env, logFile, say, signal } = options;
  if (await isReady(url)) return say(`orchestrator  ${url} is ready`);
  let ended: string | undefined;
  if (await isAlive(url)) {
    // One that slept through an undo: its group is there again, and it goes on in a moment.
    say(`orchestrator  waiting for the one at ${url}`);
  } else if (env) {
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, 'a');
    const child = spawn(process.execPath, [...process.execArgv, MAIN], {
      env: { ...process.env, ...env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    child.once('exit', (code) => (ended = `it ended with ${code}; see ${logFile}`));
    child.unref();
    say(`orchestrator  started (pid ${child.pid}, log ${logFile})`);
  } else {
    say(`orchestrator  start it now; waiting for ${url}`);
  }
  const deadline = performance.now() + (env ? START_MS : WAIT_MS);
  while (!(await isReady(url))) {
    signal.throwIfAborted();
    if (ended !== undefined || performance.now() > deadline)
      throw new Error(`The orchestrator is not ready at ${url}: ${ended ?? 'it did not answer in time'}.`);
    await sleep(POLL_MS, undefined, { signal });
  }
  say(`orchestrator  ${url} is ready`);
}

const isReady = (url: string): Promise<boolean> => answers(url, '/health/ready');
const isAlive = (url: string): Promise<boolean> => answers(url, '/health/live');

async function answers(url: string, path: string): Promise<boolean> {
  try {
    return (await fetch(new URL(path, url), { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
