import { Redis, type RedisOptions } from 'ioredis';

export interface ConnectOptions {
  /** Shown in CLIENT LIST. */
  name: string;
  /** Tells about trouble: a connection that broke, an attempt that failed. Every error event ends here. */
  onError: (error: Error) => void;
  /** First probe of an idle connection, so that a half-open one is noticed. */
  keepAliveMs: number;
  /** A command that is not answered in this time fails; undefined: never (blocking reads have a watchdog of their own). */
  commandTimeoutMs: number | undefined;
  /** Wait for the first connection before commands are sent. */
  lazy: boolean;
}

const DEFAULTS: ConnectOptions = {
  name: 'frame-buffer',
  onError: () => {},
  keepAliveMs: 10_000,
  commandTimeoutMs: undefined,
  lazy: false,
};

/** Reconnection starts quickly, because a restart of Redis takes about a second, and slows down to one try every two seconds. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/**
 * A connection that comes back by itself for ever. Commands wait while it is away: a hand-off is safe to send twice, so nothing
 * is lost or doubled when an answer is.
 * @param url `redis://[user:password@]host:port[/db]`, or `rediss://` for TLS
 */
export function connectRedis(url: string, options: Partial<ConnectOptions> = {}): Redis {
  const { name, onError, keepAliveMs, commandTimeoutMs, lazy } = { ...DEFAULTS, ...options };
  const settings: RedisOptions = {
    connectionName: name,
    keepAlive: keepAliveMs,
    lazyConnect: lazy,
    maxRetriesPerRequest: null,
    retryStrategy: (times) =>
      Math.min(FIRST_RETRY_MS * 2 ** Math.min(times - 1, 10), MAX_RETRY_MS) * (0.5 + Math.random() / 2),
    // After a failover the old primary refuses writes: find the new one, and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
    ...(commandTimeoutMs === undefined ? {} : { commandTimeout: commandTimeoutMs }),
  };
  const redis = new Redis(url, settings);
  redis.on('error', onError);
  return redis;
}
