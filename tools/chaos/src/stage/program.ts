import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { guard } from '@frame-buffer/setup';

/** One of our programs, as a process of its own. It ends with us, however we end. */
export interface Program {
  readonly name: string;
  /** 0 where it could not be started. */
  readonly pid: number;
  /** The first line of its output that matches. @throws Error with its last lines, where it ends or stays silent too long */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  send(signal: NodeJS.Signals): void;
  /** How it ended: an exit code or the name of a signal. */
  readonly ended: Promise<string>;
  running(): boolean;
  /** Its last lines. */
  tail(): string;
}

export interface ProgramOptions {
  readonly name: string;
  readonly main: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logDirectory: string;
  /** Kills it. */
  readonly signal: AbortSignal;
}

const NODE_ARGS = ['--conditions=@frame-buffer/source', '--disable-warning=ExperimentalWarning'];
const TAIL_CHARS = 4_000;
const SAYS_WITHIN_MS = 40_000;

export function startProgram({ name, main, env, logDirectory, signal }: ProgramOptions): Program {
  mkdirSync(logDirectory, { recursive: true });
  const log = createWriteStream(join(logDirectory, `${name}.log`), { flags: 'a' });
  const child = spawn(process.execPath, [...NODE_ARGS, main], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const release = child.pid === undefined ? () => {} : guard(child.pid);
  const listeners = new Set<() => void>();
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      if (log.writable) log.write(chunk);
      text = (text + chunk).slice(-TAIL_CHARS);
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  const onAbort = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', onAbort, { once: true });
  void ended.then(() => {
    signal.removeEventListener('abort', onAbort);
    release();
    log.end();
  });

  return {
    name,
    pid: child.pid ?? 0,
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          listeners.delete(look);
          clearTimeout(timer);
          settle();
        };
        const look = (): void => {
          const match = pattern.exec(text);
          if (match) finish(() => resolve(match));
        };
        const fail = (why: string): void =>
          finish(() => reject(new Error(`${name} ${why} before it said ${pattern.source}:\n${text}`)));
        const timer = setTimeout(() => fail(`was silent for ${SAYS_WITHIN_MS} ms`), SAYS_WITHIN_MS);
        listeners.add(look);
        void ended.then((how) => fail(`ended with ${how}`));
        look();
      });
    },
    send: (signal) => void child.kill(signal),
    running: () => child.exitCode === null && child.signalCode === null,
    tail: () => text,
  };
}
