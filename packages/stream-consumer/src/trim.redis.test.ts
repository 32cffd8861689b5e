import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { createScene, type Scene } from './test-support/scene.ts';
import { trimInput } from './trim.ts';
let server: RedisServer;
let redis: Redis;
let scene: Scene;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url);
  scene = createScene(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => scene.reset());

/** Trimming takes whole nodes of a stream: these are small enough to go. */
beforeEach(() => redis.config('SET', 'stream-node-max-entries', '1'));

describe('trimming', () => {
  it('takes what every group has acknowledged, and nothing that is pending or unread', async () => {
    const { keys } = scene;
    const target = await scene.processor('p1');
    const entries = await scene.capture(10);
    await scene.publish(5);
    await scene.give([...entries.slice(0, 4), ...entries.slice(6)], target);
    await trimInput(redis, keys);
    const left = (await redis.xrange(keys.input, '-', '+')).map(([id]) => id);
    expect(left[0]).toBe(entries[4]!.id);
    expect(left).toHaveLength(11);
    expect(await scene.books()).toMatchObject({ captured: 15, unread: 5, pendingInput: 2, unaccounted: 0 });
  });

  it('waits for the slowest group', async () => {
    const { keys } = scene;
    await redis.xgroup('CREATE', keys.input, 'slower', '0');
    await scene.give(await scene.capture(10), await scene.processor('p1'));
    expect(await trimInput(redis, keys)).toBe(0);
    await redis.xreadgroup('GROUP', 'slower', 'c', 'COUNT', 10, 'NOACK', 'STREAMS', keys.input, '>');
    expect(await trimInput(redis, keys)).toBeGreaterThan(0);
    expect(await scene.books()).toMatchObject({ captured: 10, lostUpstream: 0, unaccounted: 0 });
  });
});
