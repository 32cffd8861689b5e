import { hashTagOf, parseRedisAddress, shownRedisAddress } from './redis-address.ts';

const none = { username: undefined, password: undefined };

describe('parseRedisAddress', () => {
  it('takes one server as it is', () => {
    const url = 'rediss://u:p@db:1/2';
    expect(parseRedisAddress(url)).toEqual({ kind: 'server', url });
  });

  it('reads Sentinels and the name of the primary', () => {
    expect(parseRedisAddress('redis-sentinel://a:1,b,[::1]:3/cameras')).toEqual({
      kind: 'sentinel',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 26_379 },
        { host: '::1', port: 3 },
      ],
      ...none,
      tls: false,
      primary: 'cameras',
      db: 0,
      sentinelPassword: undefined,
    });
  });

  it('reads what else may be said of Sentinels', () => {
    const text = 'rediss-sentinel://us%3Aer:p%40ss@a:1/cameras?db=3&sentinel_password=s%26t';
    expect(parseRedisAddress(text)).toMatchObject({
      username: 'us:er',
      password: 'p@ss',
      tls: true,
      db: 3,
      sentinelPassword: 's&t',
    });
  });

  it('reads the nodes of a cluster and the hash tag', () => {
    expect(parseRedisAddress('redis-cluster://:secret@a:7000,b/site-1')).toEqual({
      kind: 'cluster',
      nodes: [
        { host: 'a', port: 7000 },
        { host: 'b', port: 6379 },
      ],
      username: undefined,
      password: 'secret',
      tls: false,
      hashTag: 'site-1',
    });
  });

  it.each([
    'http://db',
    'redis:',
    'redis-sentinel://a:1',
    'redis-sentinel://a:1/',
    'redis-sentinel://a:x/name',
    'redis-sentinel:///name',
    'redis-sentinel://a:1/name?db=x',
    'redis-sentinel://a:1/%zz',
    'redis-cluster://a,,b',
    'redis-cluster://a:1/{tag}',
    'redis-cluster://a/b/c',
    '',
  ])('refuses %p', (text) => {
    expect(parseRedisAddress(text)).toBeUndefined();
  });
});

describe('shownRedisAddress', () => {
  it.each([
    ['redis://u:hunter2@db:1/2', 'db:1'],
    ['redis-sentinel://u:hunter2@a:1,b:2/cams?sentinel_password=hunter2', 'a:1,b:2 (Sentinel, cams)'],
    ['redis-cluster://u:hunter2@a:1', 'a:1 (Cluster)'],
    ['nonsense with hunter2', 'a faulty address'],
  ])('shows nothing secret of %s', (text, shown) => {
    expect(shownRedisAddress(text)).toBe(shown);
  });
});

describe('hashTagOf', () => {
  it.each([
    ['redis://db:1', undefined],
    ['redis-sentinel://a:1/cams', undefined],
    ['redis-cluster://a:1', 'frame-buffer'],
    ['redis-cluster://a:1/site-1', 'site-1'],
  ])('of %s is %s', (text, tag) => {
    expect(hashTagOf(text)).toBe(tag);
  });
});
