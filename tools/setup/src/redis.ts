import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedisInContainer } from './redis-container.ts';
import { CommandMissingError, startRedisProcess } from './redis-process.ts';

export type RedisOrigin = 'REDIS_URL' | 'redis-server' | 'valkey-server' | 'container';

export interface ProvideRedisOptions {
  /** A server that exists already, as REDIS_URL names it: used as it is. */
  redisUrl?: string | undefined;
  /** Where a server of our own keeps its data. Without one it is a temporary folder that goes with the server. */
  directory?: string | undefined;
  logger?: { info(message: string): void } | undefined;
  /** Ends the waiting for the server's start. */
  signal?: AbortSignal | undefined;
}

export interface ProvidedRedis {
  readonly url: string;
  readonly origin: RedisOrigin;
  /** Ends a server of our own, once everything in it is on disk; leaves one that was there before alone. */
  stop(): Promise<void>;
}

/** The two ways to a server of our own. */
export interface RedisStarters {
  process: typeof startRedisProcess;
  container: typeof startRedisInContainer;
}

const STARTERS: RedisStarters = { process: startRedisProcess, container: startRedisInContainer };

/**
 * A Redis server, from the first of these that there is: `redisUrl`; redis-server or valkey-server on the PATH, run
 * privately on a free loopback port with an append-only file; a container.
 * @throws Error that says in one sentence what to do where there is none
 */
export async function provideRedis(
  options: ProvideRedisOptions = {},
  starters: RedisStarters = STARTERS,
): Promise<ProvidedRedis> {
  const { redisUrl } = options;
  if (redisUrl) return { url: redisUrl, origin: 'REDIS_URL', stop: async () => {} };
  return (
    (await provideLocal('redis-server', options, starters)) ??
    (await provideLocal('valkey-server', options, starters)) ??
    (await provideContainer(options, starters))
  );
}

type LocalOrigin = Extract<RedisOrigin, 'redis-server' | 'valkey-server'>;

async function provideLocal(
  command: LocalOrigin,
  options: ProvideRedisOptions,
  starters: RedisStarters,
): Promise<ProvidedRedis | undefined> {
  const directory = options.directory ?? mkdtempSync(join(tmpdir(), 'frame-buffer-redis-'));
  const removeDirectory = options.directory === undefined;
  const clear = (): void => {
    if (removeDirectory) rmSync(directory, { recursive: true, force: true });
  };
  try {
    const server = await starters.process({
      command,
      directory,
      removeDirectory,
      appendOnly: true,
      signal: options.signal,
    });
    options.logger?.info(`Redis: ${command} on port ${server.port}, data in ${directory}`);
    return {
      url: `redis://127.0.0.1:${server.port}`,
      origin: command,
      async stop() {
        await server.send('SIGTERM');
        clear();
      },
    };
  } catch (error) {
    clear();
    if (error instanceof CommandMissingError) return undefined;
    throw error;
  }
}

async function provideContainer(
  options: ProvideRedisOptions,
  starters: RedisStarters,
): Promise<ProvidedRedis> {
  try {
    const container = await starters.container({ appendOnly: true });
    options.logger?.info(`Redis: container ${container.id.slice(0, 12)} on port ${container.port}`);
    return {
      url: `redis://${container.host}:${container.port}`,
      origin: 'container',
      stop: () => container.stop(),
    };
  } catch (cause) {
    throw new Error(
      'no Redis found: set REDIS_URL, or put redis-server or valkey-server on the PATH, or start Docker',
      { cause },
    );
  }
}
