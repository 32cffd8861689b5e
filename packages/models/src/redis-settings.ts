import { DEFAULT_HASH_TAG, parseRedisAddress, parseRedisNodes } from './redis-address.ts';
import type { Environment, Settings } from './settings.ts';

const PLACES = ['REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER_NODES', 'REDIS_HOST', 'REDIS_PORT'];
const NODES = 'hosts with commas between them, such as a:26379,b:26379';
/** A tag within braces ends at the first one, and as part of a name it may hold nothing that needs escaping in a key. */
const HASH_TAG = /^[A-Za-z0-9._:-]{1,100}$/;
const TAG_IN_WORDS = 'up to 100 letters, digits, dots, colons, hyphens and underscores';

/** Whether the environment says where Redis is. */
export function namesRedis(env: Environment): boolean {
  return PLACES.some((name) => env[name]?.trim());
}

/** The address that the environment's variables come to; the first in the order of the list counts. */
export function readRedisUrl({
  text,
  matching,
  number,
}: Pick<Settings, 'text' | 'matching' | 'number'>): string {
  const url = matching(
    'REDIS_URL',
    'an address that starts with redis://, rediss://, redis-sentinel:// or redis-cluster://, complete',
    (given) => parseRedisAddress(given) !== undefined,
  );
  const nodes = (name: string): string | undefined =>
    matching(name, NODES, (given) => parseRedisNodes(given, 1) !== undefined)?.replaceAll(/\s/g, '');
  // All are read, whichever counts: what is faulty is said in any case.
  const login = loginText(text('REDIS_USERNAME'), text('REDIS_PASSWORD'));
  const sentinels = nodes('REDIS_SENTINELS');
  const primary = encodeURIComponent(text('REDIS_SENTINEL_NAME') ?? 'mymaster');
  const sentinelPassword = text('REDIS_SENTINEL_PASSWORD');
  const cluster = nodes('REDIS_CLUSTER_NODES');
  const tag = matching('REDIS_HASH_TAG', TAG_IN_WORDS, (given) => HASH_TAG.test(given)) ?? DEFAULT_HASH_TAG;
  const host = text('REDIS_HOST') ?? '127.0.0.1';
  const port = number('REDIS_PORT', 6379, { minimum: 1, maximum: 65_535 });

  if (url !== undefined) return url;
  if (sentinels !== undefined) {
    const query =
      sentinelPassword === undefined ? '' : `?sentinel_password=${encodeURIComponent(sentinelPassword)}`;
    return `redis-sentinel://${login}${sentinels}/${primary}${query}`;
  }
  return cluster === undefined
    ? `redis://${login}${host}:${port}`
    : `redis-cluster://${login}${cluster}/${tag}`;
}

function loginText(username: string | undefined, password: string | undefined): string {
  if (username === undefined && password === undefined) return '';
  return `${encodeURIComponent(username ?? '')}:${encodeURIComponent(password ?? '')}@`;
}
