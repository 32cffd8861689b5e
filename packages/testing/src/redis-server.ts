import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandMissingError, type RedisProcess, startRedisProcess } from '@frame-buffer/setup';
import { startRedisContainer } from './redis-container.ts';

export interface RedisServerOptions {
  /** Whether what was written survives `kill` and `restart` (an append-only file, written through at once). */
  appendOnly?: boolean;
  /** More arguments for the server. */
  args?: readonly string[];
  /** A fixed port instead of a free one. */
  port?: number;
  /** A folder that stays, instead of a temporary one that goes with the server. */
  directory?: string;
}

/** A Redis server of this test's own. It ends with the test process at the latest, also where that crashes. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the present run: another one after `restart`. */
  readonly pid: number;
  readonly directory: string;
  /** Ends it for good; a temporary folder goes. */
  stop(): Promise<void>;
  /** SIGKILL. The folder stays, so that `restart` finds what was written. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder, ending it politely first where it still runs. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): Promise<void>;
}

const COMMANDS = ['redis-server', 'valkey-server'];

/**
 * Starts a private server and returns when it answers PING.
 * With TEST_REDIS=container it is a container of redis:7-bookworm instead, for machines with Docker but without Redis.
 */
export function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  return process.env['TEST_REDIS'] === 'container' ? startRedisContainer(options) : startLocalRedis(options);
}

/** The same, never in a container: one of several servers that must find one another. */
export async function startLocalRedis(options: RedisServerOptions): Promise<RedisServer> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'frame-buffer-redis-'));
  const isTemporary = options.directory === undefined;
  const start = (port: number | undefined): Promise<RedisProcess> =>
    startFirstFound({ ...options, port, directory, isTemporary });
  const removeTemporary = (): void => {
    if (isTemporary) rmSync(directory, { recursive: true, force: true });
  };
  let server = await start(options.port).catch((error: unknown) => {
    removeTemporary();
    throw error;
  });
  const { port } = server;
  const end = async (): Promise<void> => {
    await server.send('SIGCONT');
    await server.send('SIGTERM');
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    directory,
    get pid() {
      return server.pid;
    },
    async stop() {
      await end();
      removeTemporary();
    },
    kill: () => server.send('SIGKILL'),
    async restart() {
      await end();
      server = await start(port);
    },
    pause: () => server.send('SIGSTOP'),
    resume: () => server.send('SIGCONT'),
  };
}

interface LocalOptions extends RedisServerOptions {
  directory: string;
  isTemporary: boolean;
}

async function startFirstFound(options: LocalOptions): Promise<RedisProcess> {
  const { args = [], isTemporary, ...rest } = options;
  // Without it, a kill may lose the last second: no test could tell that from a fault of ours.
  const durable = options.appendOnly ? ['--appendfsync', 'always'] : [];
  for (const command of COMMANDS) {
    try {
      return await startRedisProcess({
        ...rest,
        command,
        args: [...durable, ...args],
        removeDirectory: isTemporary,
      });
    } catch (error) {
      if (!(error instanceof CommandMissingError)) throw error;
    }
  }
  throw new Error(
    'these tests need redis-server or valkey-server on the PATH, or Docker and TEST_REDIS=container',
  );
}
