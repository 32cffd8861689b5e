import { spawn } from 'node:child_process';
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
}

const TAIL_CHARS = 2_000;
const STOP_MS = 10_000;

/** Starts a program with the Node that runs this one. It ends with us, however we end, and Ctrl-C doesn't reach it. */
export function startProgram({ name, main, args = [], env = {}, nodeArgs = [] }: ProgramOptions): Program {
  const child = spawn(process.execPath, [...process.execArgv, ...nodeArgs, fileURLToPath(main), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const release = child.pid === undefined ? () => {} : guard(child.pid);
  let output = '';
  let tail = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (const stream of [child.stdout, child.stderr]) {
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
    async stop() {
      if (running()) child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}
