import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './loopback-port.ts';
import { redisProcessId } from './redis-answer.ts';
import { guard } from './watchdog.ts';

export interface RedisProcessOptions {
  /** `redis-server`, `valkey-server`, or the path of one. */
  command: string;
  /** Its working folder: data and log. Created where it is missing. */
  directory: string;
  /** A fixed port; otherwise a free one is found, and another one where somebody was faster. */
  port?: number | undefined;
  appendOnly?: boolean | undefined;
  /** A file of settings for the server, which Sentinels can't do without and write to; the options here go first. */
  configFile?: string | undefined;
  /** More arguments for the server. */
  args?: readonly string[] | undefined;
  /** The folder goes too, should our process end without stopping the server. */
  removeDirectory?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** A Redis server of our own on a loopback port. */
export interface RedisProcess {
  readonly port: number;
  readonly pid: number;
  /** Fulfilled when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Sends the signal; SIGTERM and SIGKILL are waited for. A process that has ended already is left alone. */
  send(signal: NodeJS.Signals): Promise<void>;
}

/** Loading a large append-only file takes a while; a server that is silent for longer has failed. */
const READY_DEADLINE_MS = 30_000;
const POLL_MS = 10;
const SIGNAL_AGAIN_MS = 500;
const MAX_TRIES = 10;

/** The command isn't there. */
export class CommandMissingError extends Error {}

/**
 * Starts a server that answers PING when this returns, in a process group of its own, so that a Ctrl-C in the terminal
 * doesn't end it before its users are done. It ends with our process at the latest.
 * @throws CommandMissingError where there is no such command, Error with the end of its log where it doesn't start
 */
export async function startRedisProcess(options: RedisProcessOptions): Promise<RedisProcess> {
  mkdirSync(options.directory, { recursive: true });
  for (let tries = 1; ; tries++) {
    const port = options.port ?? (await freePort());
    try {
      return await start(port, options);
    } catch (error) {
      const final = error instanceof CommandMissingError || options.port !== undefined || tries === MAX_TRIES;
      if (final || options.signal?.aborted) throw error;
    }
  }
}

async function start(port: number, options: RedisProcessOptions): Promise<RedisProcess> {
  options.signal?.throwIfAborted();
  const logFile = join(options.directory, 'redis.log');
  const log = openSync(logFile, 'a');
  const child = spawn(options.command, serverArguments(port, options), {
    cwd: options.directory,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = await spawned(child, options.command);
  child.unref();
  const release = guard(pid, { removeDirectory: options.removeDirectory ? options.directory : undefined });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve(release())));
  const server: RedisProcess = {
    port,
    pid,
    ended,
    async send(signal) {
      if (hasEnded(child)) return;
      // unref lets our process end while the server runs; whoever waits for the server's end wants to see it.
      child.ref();
      child.kill(signal);
      if (signal === 'SIGTERM' || signal === 'SIGKILL') await endOf(child, ended, signal);
      child.unref();
    },
  };
  try {
    await ready(child, port, options.signal);
    return server;
  } catch (error) {
    await server.send('SIGKILL');
    throw new Error(`${options.command} on port ${port} did not start: ${tail(logFile)}`, { cause: error });
  }
}

/** A replica that writes its first append-only file takes no notice of a SIGTERM ("Writing initial AOF, can't exit"): it is told again. */
async function endOf(child: ChildProcess, ended: Promise<void>, signal: NodeJS.Signals): Promise<void> {
  const again = setInterval(() => child.kill(signal), SIGNAL_AGAIN_MS);
  await ended;
  clearInterval(again);
}

function serverArguments(port: number, options: RedisProcessOptions): string[] {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    'protected-mode': 'yes',
    dir: options.directory,
    save: '',
    appendonly: options.appendOnly ? 'yes' : 'no',
    // Any other policy deletes streams under memory pressure without a word.
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
    logfile: '',
  };
  const own = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  return [...(options.configFile ? [options.configFile] : []), ...own, ...(options.args ?? [])];
}

function spawned(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number));
    child.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'ENOENT'
          ? new CommandMissingError(`${command} is not on the PATH`, { cause })
          : new Error(`${command} could not be started: ${cause.message}`, { cause }),
      ),
    );
  });
}

async function ready(child: ChildProcess, port: number, signal: AbortSignal | undefined): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (hasEnded(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    const pid = await redisProcessId(port);
    if (pid === child.pid) return;
    if (pid !== undefined) throw new Error(`port ${port} belongs to process ${pid}`);
    await sleep(POLL_MS, undefined, { signal });
  }
  throw new Error(`it did not answer within ${READY_DEADLINE_MS} ms`);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n');
}
