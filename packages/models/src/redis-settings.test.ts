import { parseRedisAddress } from './redis-address.ts';
import { namesRedis } from './redis-settings.ts';
import { type Environment, readSettings } from './settings.ts';

function read(env: Environment): [url: string, faults: readonly string[]] {
  const settings = readSettings(env);
  return [settings.redisUrl(), settings.faults()];
}

describe('the address of Redis', () => {
  it.each<[env: Environment, url: string]>([
    [{ REDIS_SENTINELS: 'a:1, b:2' }, 'redis-sentinel://a:1,b:2/mymaster'],
    [
      { REDIS_SENTINELS: 'a:1', REDIS_SENTINEL_NAME: 'cams', REDIS_SENTINEL_PASSWORD: 's&t' },
      'redis-sentinel://a:1/cams?sentinel_password=s%26t',
    ],
    [
      { REDIS_SENTINELS: 'a:1', REDIS_USERNAME: 'u', REDIS_PASSWORD: 'p@ss' },
      'redis-sentinel://u:p%40ss@a:1/mymaster',
    ],
    [{ REDIS_CLUSTER_NODES: 'a:1,b:2' }, 'redis-cluster://a:1,b:2/frame-buffer'],
    [{ REDIS_CLUSTER_NODES: 'a:1', REDIS_HASH_TAG: 'site-1' }, 'redis-cluster://a:1/site-1'],
    [{ REDIS_HOST: 'db', REDIS_PASSWORD: 'p' }, 'redis://:p@db:6379'],
    [{ REDIS_URL: 'redis-sentinel://a:1/cams', REDIS_SENTINELS: 'b:1' }, 'redis-sentinel://a:1/cams'],
  ])('of %j is %s', (env, url) => {
    expect(read(env)).toEqual([url, []]);
    expect(parseRedisAddress(url)).toBeDefined();
  });

  it('has hosts that are hosts, and a tag that is one', () => {
    expect(read({ REDIS_SENTINELS: 'a:many' })[1]).toEqual([
      'REDIS_SENTINELS: expected hosts with commas between them, such as a:26379,b:26379, found "a:many"',
    ]);
    expect(read({ REDIS_CLUSTER_NODES: 'a', REDIS_HASH_TAG: 'a}b' })[1]).toEqual([
      'REDIS_HASH_TAG: expected up to 100 letters, digits, dots, colons, hyphens and underscores, found "a}b"',
    ]);
  });
});

describe('namesRedis', () => {
  it.each([
    ['REDIS_URL', true],
    ['REDIS_SENTINELS', true],
    ['REDIS_CLUSTER_NODES', true],
    ['REDIS_HOST', true],
    ['OTHER', false],
  ])('of %s is %p', (name, names) => {
    expect(namesRedis({ [name]: 'x' })).toBe(names);
    expect(namesRedis({ [name]: ' ' })).toBe(false);
  });
});
