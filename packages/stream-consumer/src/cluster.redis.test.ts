import { keyNames } from '@frame-buffer/models';
import { type RedisCluster, startRedisCluster } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { createScene } from './test-support/scene.ts';

const TIMEOUT_MS = 90_000;
/** The nodes of a cluster must reach one another under the addresses that they give. */
const local = process.env['TEST_REDIS'] === 'container' ? describe.skip : describe;

local('in a Redis Cluster', () => {
  let cluster: RedisCluster;
  const open: Redis[] = [];
  const connect = (url: string): Redis => {
    const redis = url.startsWith('redis-cluster') ? connectRedis(url) : new Redis(url);
    open.push(redis);
    return redis;
  };
  const portOf = async (client: Redis): Promise<number> =>
    Number(/tcp_port:(\d+)/.exec(await client.info('server'))?.[1]);

  beforeEach(async () => {
    cluster = await startRedisCluster();
  }, TIMEOUT_MS);
  afterEach(async () => {
    for (const redis of open.splice(0)) redis.disconnect();
    await cluster.stop();
  });

  it(
    'each hash tag has a connection to the node of its slot',
    async () => {
      const ports = new Set<number>();
      for (const tag of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const redis = connect(`${cluster.url}/${tag}`);
        await redis.set(keyNames({ hashTag: tag }).ledger, 'here');
        ports.add(await portOf(redis));
      }
      expect(ports.size).toBeGreaterThan(1);
    },
    TIMEOUT_MS,
  );

  it(
    'every script does its work on the keys of one tag, and the books balance',
    async () => {
      const scene = createScene(connect(`${cluster.url}/site-1`), keyNames({ hashTag: 'site-1' }));
      await scene.reset();
      const target = await scene.processor('p1');
      await scene.give(await scene.capture(20), target);
      const taken = await scene.take(target, 20);
      await scene.finish(
        target,
        taken.map(({ id }) => id),
      );
      expect(await scene.books()).toMatchObject({ captured: 20, completed: 20, unaccounted: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    'a connection goes along when its slot moves to another node',
    async () => {
      const redis = connect(`${cluster.url}/site-1`);
      const key = keyNames({ hashTag: 'site-1' }).ledger;
      await redis.set(key, '0');
      const before = await portOf(redis);
      await moveSlot(redis, key);
      for (let i = 0; i < 20; i++) await redis.incr(key);
      expect(await portOf(redis)).not.toBe(before);
      expect(await redis.get(key)).toBe('20');
    },
    TIMEOUT_MS,
  );

  it(
    'a key of another slot is an error at once, not a journey without end',
    async () => {
      const redis = connect(`${cluster.url}/site-1`);
      const foreign = ['p', 'q', 'r', 's', 't', 'u'].map((tag) => `{${tag}}:picture`);
      const outcomes = await Promise.allSettled(foreign.map((key) => redis.get(key)));
      expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );

  it(
    'a connection waits while nobody serves its slot, and finds the node again when it is back',
    async () => {
      const redis = connect(`${cluster.url}/site-1`);
      const key = keyNames({ hashTag: 'site-1' }).ledger;
      await redis.set(key, 'kept');
      const port = await portOf(redis);
      const node = cluster.nodes.find((each) => each.port === port);
      await node?.kill();
      const reading = redis.get(key);
      await node?.restart();
      expect(await reading).toBe('kept');
    },
    TIMEOUT_MS,
  );

  /** To any other primary, the way `redis-cli --cluster reshard` does it. */
  async function moveSlot(redis: Redis, key: string): Promise<void> {
    const slot = await redis.cluster('KEYSLOT', key);
    const from = await portOf(redis);
    const target = cluster.nodes.find(({ port }) => port !== from);
    const nodes = await Promise.all(
      cluster.nodes.map(async ({ port, url }) => {
        const client = connect(url);
        return { port, client, id: await client.cluster('MYID') };
      }),
    );
    const source = nodes.find(({ port }) => port === from);
    const heir = nodes.find(({ port }) => port === target?.port);
    if (!source || !heir) throw new Error('the cluster has fewer nodes than it should');
    await heir.client.cluster('SETSLOT', slot, 'IMPORTING', source.id);
    await source.client.cluster('SETSLOT', slot, 'MIGRATING', heir.id);
    await source.client.migrate('127.0.0.1', heir.port, key, 0, 5_000);
    for (const { client } of [heir, source]) await client.cluster('SETSLOT', slot, 'NODE', heir.id);
  }
});
