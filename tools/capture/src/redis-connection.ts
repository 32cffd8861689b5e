import { connectRedis as connect } from '@frame-buffer/stream-consumer';
import { shownRedisAddress } from '@frame-buffer/models';
import type { Redis } from 'ioredis';
import type { CaptureLogger } from './logger.ts';

/**
 * A connection that comes back by itself for ever; commands wait meanwhile, as many as the publishers allow. Says once that
 * Redis is away, and once that it is back.
 */
export function connectRedis(url: string, logger: CaptureLogger): Redis {
  const address = shownRedisAddress(url);
  let away = false;
  const redis = connect(url, {
    name: 'frame-buffer-capture',
    onError(error) {
      if (away) return;
      away = true;
      logger.warn(`Redis at ${address} can't be reached: ${reasonOf(error)}; trying again until it can`);
    },
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
