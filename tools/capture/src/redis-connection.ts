import { Redis } from 'ioredis';
import type { CaptureLogger } from './logger.ts';

/** Reconnection starts quickly, because a restart of Redis takes about a second, and slows down to one try every two seconds. */
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;
/** First probe of an idle connection, so that a half-open one is noticed. */
const KEEP_ALIVE_MS = 10_000;

/**
 * A connection that comes back by itself for ever; commands wait meanwhile, as many as the publishers allow. Says once that
 * Redis is away, and once that it is back.
 */
export function connectRedis(url: string, logger: CaptureLogger): Redis {
  const redis = new Redis(url, {
    connectionName: 'frame-buffer-capture',
    keepAlive: KEEP_ALIVE_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times) =>
      Math.min(FIRST_RETRY_MS * 2 ** Math.min(times - 1, 10), MAX_RETRY_MS) * (0.5 + Math.random() / 2),
    // After a failover the old primary refuses writes: find the new one, and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  });
  const { hostname, port } = new URL(url);
  const address = `${hostname}:${port || '6379'}`;
  let away = false;
  redis.on('error', (error: Error) => {
    if (away) return;
    away = true;
    logger.warn(`Redis at ${address} can't be reached: ${reasonOf(error)}; trying again until it can`);
  });
  redis.on('ready', () => {
    if (away) logger.info(`Redis at ${address} is back`);
    away = false;
  });
  return redis;
}

/** A host name with several addresses fails with one error for each, and no message of its own. */
function reasonOf(error: Error): string {
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
