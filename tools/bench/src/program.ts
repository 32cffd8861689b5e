import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { guard } from '@frame-buffer/setup';

/** A child process that runs one of this repository's programs. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  running(): boolean;
  /** What it has written so far, both streams, the last part of it. */
  tail(): string;
  /** Its standard output when it ends by itself. @throws Error with its last words where it fails or is ended */
  result(): Promise<string>;
  /** CPU time that it has used so far. @throws Error where it isn't metered */
  cpuUs(): Promise<number>;
  /** SIGTERM, then after the grace SIGKILL. */
  stop(): Promise<void>;
}

export interface ProgramOptions {
  readonly name: string;
  readonly main: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** More arguments for node. */
  readonly nodeArgs?: readonly string[];
  /** Whether its CPU time can be asked for. */
  readonly metered?: boolean;
}

const CPU_METER = new URL('./programs/cpu-meter.ts', import.meta.url);
const TAIL_CHARS = 2_000;
const STOP_MS = 10_000;

/** Starts a program with the Node that runs this one. It ends with us, however we end, and Ctrl-C doesn't reach it. */
export function startProgram(options: ProgramOptions): Program {
  const { name, main, args = [], env = {}, nodeArgs = [], metered = false } = options;
  const meter = metered ? ['--import', CPU_METER.href] : [];
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...nodeArgs, ...meter, fileURLToPath(main), ...args],
    {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...(metered ? (['ipc'] as const) : [])],
      detached: true,
    },
  );
  const { stdout, stderr } = child as ChildProcessByStdio<null, Readable, Readable>;
  const release = child.pid === undefined ? () => {} : guard(child.pid);
  let output = '';
  let tail = '';
  stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (const stream of [stdout, stderr]) {
    stream.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-TAIL_CHARS)));
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    // `close` comes after the last output, `exit` may come before it.
    child.once('close', (code) => resolve(code));
  });
  void ended.then(release);
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    name,
    pid: child.pid ?? 0,
    running,
    tail: () => tail,
    async result() {
      if ((await ended) !== 0) throw new Error(`${name} failed; its last words:\n${tail}`);
      return output;
    },
    async cpuUs() {
      if (!metered) throw new Error(`the CPU time of ${name} is not metered`);
      const answer = once(child, 'message');
      child.send('cpu');
      return Number((await answer)[0]);
    },
    async stop() {
      if (running()) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
