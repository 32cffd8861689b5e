import type { Logger } from '@frame-buffer/telemetry';

export interface RedisCheckOptions {
  readonly allowEviction: boolean;
  readonly logger: Logger;
}

/**
 * Refuses a Redis that would lose frames: one that evicts keys when its memory is full deletes whole streams without a word.
 * @throws Error that says what to change
 */
export async function checkRedis(
  client: { info(section: string): Promise<string> },
  { allowEviction, logger }: RedisCheckOptions,
): Promise<void> {
  const info = `${await client.info('server')}\n${await client.info('memory')}\n${await client.info('persistence')}`;
  const value = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';

  const major = Number.parseInt(value('redis_version'), 10);
  if (major < 7) throw new Error(`Redis 7.0 or newer is needed, this is ${value('redis_version')}`);

  const policy = value('maxmemory_policy');
  if (policy !== 'noeviction') {
    const sentence = `Redis has maxmemory-policy ${policy}, which deletes streams when memory is full; set it to noeviction`;
    if (!allowEviction)
      throw new Error(`${sentence}, or start with ALLOW_EVICTION=true if frames may be lost`);
    logger.warn(sentence);
  }
  if (value('aof_enabled') !== '1') {
    logger.warn(
      'Redis keeps no append-only file: a restart of Redis loses frames that are under way (set appendonly yes)',
    );
  }
}
