import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { guard } from '@frame-buffer/setup';

export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Where its log is. */
  readonly logFile: string;
  /** Its last lines, for an error message. */
  tail(): string;
  /** Resolves when it has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  running(): boolean;
  /** SIGTERM, then after the grace SIGKILL. */
  stop(graceMs: number): Promise<void>;
}

export interface ProgramOptions {
  readonly name: string;
  /** Path of its main file. */
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logDirectory: string;
}

const TAIL_CHARS = 2_000;

/** Starts one of our programs with the Node that runs this one. It ends with us, however we end, and Ctrl-C doesn't reach it. */
export function startProgram({ name, main, env, logDirectory }: ProgramOptions): Program {
  mkdirSync(logDirectory, { recursive: true });
  const logFile = join(logDirectory, `${name}.log`);
  const log = createWriteStream(logFile);
  const child = spawn(process.execPath, [...process.execArgv, main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const release = child.pid === undefined ? () => {} : guard(child.pid);
  const tail = record(child, log);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', () => resolve({ code: 1, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  void ended.then(() => {
    release();
    log.end();
  });
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    name,
    pid: child.pid ?? 0,
    logFile,
    tail,
    ended,
    running,
    async stop(graceMs) {
      if (!running()) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function record(child: ChildProcess, log: WriteStream): () => string {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      if (log.writable) log.write(chunk);
      last = (last + chunk.toString()).slice(-TAIL_CHARS);
    });
  }
  return () => last;
}
