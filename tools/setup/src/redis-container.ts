import { freePort } from './loopback-port.ts';

/** Debian's own Redis, the baseline of this project. */
const IMAGE = 'redis:7-bookworm';
const REDIS_PORT = 6379;

export interface RedisContainerOptions {
  /** On this machine; otherwise a free one. It stays the same over restarts of the container. */
  port?: number | undefined;
  appendOnly?: boolean | undefined;
  args?: readonly string[] | undefined;
}

export interface RedisContainer {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts Redis in a container. Needs a Docker engine that answers, and the image or a network to get it. */
export async function startRedisInContainer(options: RedisContainerOptions = {}): Promise<RedisContainer> {
  // Loaded only here: it is large, and most machines have a Redis server of their own.
  const { GenericContainer, Wait } = await import('testcontainers');
  const port = options.port ?? (await freePort());
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: REDIS_PORT, host: port })
    .withCommand([
      'redis-server',
      ...['--save', '', '--appendonly', options.appendOnly ? 'yes' : 'no'],
      ...['--maxmemory-policy', 'noeviction'],
      // As in the official image: it is reached from outside its container.
      ...['--protected-mode', 'no'],
      ...(options.args ?? []),
    ])
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  return {
    id: container.getId(),
    host: container.getHost(),
    port,
    stop: async () => void (await container.stop()),
  };
}
