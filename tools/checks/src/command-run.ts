import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';

export interface CommandRunOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  timeoutMs: number;
  /** Called with every line as it is written. */
  onLine?: (line: string) => void;
  /** A line by which it says that it is done but something keeps it from ending. */
  lingers?: RegExp;
}

export interface CommandRun {
  readonly isOk: boolean;
  /** Both streams, as they came. */
  readonly output: string;
  readonly stdout: string;
  /** Why it ended, where it didn't end with 0. */
  readonly reason: string | undefined;
}

/** How long a command has to end after SIGTERM. */
const GRACE_MS = 10_000;
/** How long the output of a command that has ended is waited for: what it started may keep it open for ever. */
const OUTPUT_GRACE_MS = 5_000;
/** How long one that lingers may still end by itself. */
const LINGER_MS = 5_000;

/** Runs a JavaScript program with our own Node, without standard input. Never throws. */
export function runNode(
  script: string,
  args: readonly string[],
  options: CommandRunOptions,
): Promise<CommandRun> {
  const { cwd, signal, timeoutMs, onLine, lingers } = options;
  const child = spawn(process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let stdout = '';
  let endedBecause: string | undefined;
  let force: NodeJS.Timeout | undefined;
  const end = (reason: string): void => {
    endedBecause ??= reason;
    child.kill('SIGTERM');
    force ??= setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  };
  const onAbort = (): void => end('interrupted');
  const timeout = setTimeout(() => end(`not done after ${timeoutMs / 1000} s`), timeoutMs);
  if (signal?.aborted) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  let linger: NodeJS.Timeout | undefined;
  const lines = new PassThrough();
  createInterface({ input: lines }).on('line', (line) => {
    onLine?.(line);
    if (lingers?.test(line))
      linger ??= setTimeout(() => end('left something open and did not end'), LINGER_MS);
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (stream === child.stdout) stdout += chunk.toString();
      lines.write(chunk);
    });
  }
  return new Promise((resolve) => {
    const settle = (reason: string | undefined): void => {
      clearTimeout(timeout);
      clearTimeout(force);
      clearTimeout(linger);
      signal?.removeEventListener('abort', onAbort);
      lines.end();
      const why = endedBecause ?? reason;
      resolve({ isOk: why === undefined, output, stdout, reason: why });
    };
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, ended) => {
      const reason = code === 0 ? undefined : `ended with ${code ?? ended}`;
      const giveUp = setTimeout(() => settle(reason), OUTPUT_GRACE_MS);
      child.once('close', () => {
        clearTimeout(giveUp);
        settle(reason);
      });
    });
  });
}
