import { parseRedisAddress, type RedisAddress } from '@frame-buffer/models';
import { Redis, type RedisOptions } from 'ioredis';
import { sentinelPrimaryConnector } from './sentinel-primary.ts';
import { slotOwnerConnector } from './slot-owner.ts';

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

/** Reconnection starts quickly, because a restart of Redis takes about a second, and slows down to about one try a second. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;

const retryDelayMs = (times: number): number =>
  Math.min(FIRST_RETRY_MS * 2 ** Math.min(times - 1, 10), MAX_RETRY_MS) * (0.5 + Math.random() / 2);

/** After a failover the old primary refuses writes: find the new one, and send the command again. */
const isOldPrimary = (error: Error): boolean => error.message.startsWith('READONLY');

/**
 * A connection that comes back by itself for ever. Commands wait while it is away: a hand-off is safe to send twice, so nothing
 * is lost or doubled when an answer is. Behind Sentinels it follows the primary, in a cluster the owner of the hash tag's slot;
 * it is one connection in any case, so that all invariants hold there too.
 * @param url see `RedisAddress`
 * @throws Error where that isn't an address
 */
export function connectRedis(url: string, options: Partial<ConnectOptions> = {}): Redis {
  const address = parseRedisAddress(url);
  // It may hold a password.
  if (!address) throw new Error('this is not the address of a Redis, of Sentinels or of a cluster');
  const { name, onError, keepAliveMs, commandTimeoutMs, lazy } = { ...DEFAULTS, ...options };
  const settings: RedisOptions = {
    connectionName: name,
    keepAlive: keepAliveMs,
    lazyConnect: lazy,
    maxRetriesPerRequest: null,
    retryStrategy: retryDelayMs,
    reconnectOnError: (error) => (isOldPrimary(error) ? 2 : false),
    ...(commandTimeoutMs === undefined ? {} : { commandTimeout: commandTimeoutMs }),
  };
  const redis = open(address, settings);
  redis.on('error', onError);
  return redis;
}

function open(address: RedisAddress, settings: RedisOptions): Redis {
  if (address.kind === 'server') return new Redis(address.url, settings);
  const { username, password, tls } = address;
  const login: RedisOptions = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  };
  if (address.kind === 'sentinel') {
    const Connector = sentinelPrimaryConnector(address, retryDelayMs);
    return new Redis({ ...settings, ...login, db: address.db, Connector });
  }
  const { Connector, isMoved } = slotOwnerConnector(address, login, retryDelayMs);
  return new Redis({
    ...settings,
    ...login,
    Connector,
    reconnectOnError: (error) => (isOldPrimary(error) || isMoved(error) ? 2 : false),
  });
}
