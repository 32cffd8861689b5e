import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

const POLL_MS = 20;

/** Empties Redis and its file: everybody begins with the same. */
export async function clearRedis(redis: Redis, signal: AbortSignal): Promise<void> {
  await redis.flushall();
  await redis.bgrewriteaof();
  while (/aof_rewrite_in_progress:1|aof_rewrite_scheduled:1/.test(await redis.info('persistence'))) {
    await sleep(POLL_MS, undefined, { signal });
  }
}
