import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { completeFrames, giveBack } from './completion.ts';
import { connectRedis } from './connection.ts';
import { AT, createScene, type Scene } from './test-support/scene.ts';
import { reclaimQueue } from './work-queue.ts';
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

describe('a completion', () => {
  it('that is sent again is answered as before, also together with what is refused', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(3), target);
    const [one, two, lost] = (await scene.take(target, 3)).map(({ id }) => id) as [string, string, string];
    expect(await scene.finish(target, [one])).toEqual([true]);
    await redis.xack(target.queue, target.group, lost);
    expect(await scene.finish(target, [one, two, lost])).toEqual([true, true, false]);
    expect(await scene.finish(target, [one, two])).toEqual([true, true]);
    expect(await redis.xlen(scene.keys.results)).toBe(2);
    expect(await redis.hmget(scene.keys.ledger, 'completed', 'fenced')).toEqual(['2', '1']);
  });

  it('with another result for a frame that has one is refused', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(1), target);
    const [frame] = await scene.take(target, 1);
    expect(await scene.finish(target, [frame!.id])).toEqual([true]);
    const options = {
      keys: scene.keys,
      queue: target,
      processorId: 'p1',
      results: scene.keys.results,
      capacity: 100,
    };
    const another = [{ entryId: frame!.id, result: { done: 'otherwise' } }];
    expect(await completeFrames(redis, another, options)).toEqual([false]);
    expect(await redis.xlen(scene.keys.results)).toBe(1);
  });

  it('is recognised behind many results of others, up to a bound', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(1), target);
    const [frame] = await scene.take(target, 1);
    const others = async (count: number): Promise<void> => {
      const pipeline = redis.pipeline();
      for (let i = 0; i < count; i++) pipeline.xadd(scene.keys.results, '*', 'frame_id', `other${i}`);
      await pipeline.exec();
    };
    await others(1_500);
    expect(await scene.finish(target, [frame!.id])).toEqual([true]);
    await others(5_000);
    expect(await scene.finish(target, [frame!.id])).toEqual([true]);
    await redis.xtrim(scene.keys.results, 'MAXLEN', 5_000);
    expect(await scene.finish(target, [frame!.id])).toEqual([false]);
  });
});

describe('giving back', () => {
  it('changes nothing for a frame that was taken back meanwhile, or given back before', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(2), target);
    const [first, second] = await scene.take(target, 2);
    const options = { keys: scene.keys, queue: target, processorId: 'p1' };
    const failure = { processorId: 'p1', error: 'e', at: AT };
    expect(await giveBack(redis, first!.id, failure, options)).toBe(true);
    expect(await giveBack(redis, first!.id, failure, options)).toBe(false);
    await redis.hdel(scene.keys.registry, 'p1');
    await reclaimQueue(redis, scene.keys, target);
    expect(await giveBack(redis, second!.id, undefined, options)).toBe(false);
    expect(await redis.xlen(scene.keys.retry)).toBe(2);
    expect(await scene.books()).toMatchObject({ captured: 2, waitingRetry: 2, unaccounted: 0 });
  });
});
