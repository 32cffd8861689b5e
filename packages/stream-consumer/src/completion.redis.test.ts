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

describe('a completion', () => {
  it('is recognised where its result has a lower id within the same millisecond', async () => {
    const target = await scene.processor('p1');
    const soon = Date.now() + 3_600_000;
    await redis.xadd(target.queue, `${soon}-9`, 'frame_id', 'f', 'camera_id', 'c');
    await redis.xadd(scene.keys.results, `${soon}-0`, 'frame_id', 'other');
    await scene.take(target, 1);
    expect(await scene.finish(target, [`${soon}-9`])).toEqual([true]);
    expect((await redis.xrevrange(scene.keys.results, '+', '-', 'COUNT', 1))[0]?.[0]).toBe(`${soon}-1`);
    expect(await scene.finish(target, [`${soon}-9`])).toEqual([true]);
  });

  it('tells of the room in a queue that was full, and of no other', async () => {
    const target = await scene.processor('p1', 'delete', 3);
    await scene.give(await scene.capture(3), target);
    const ids = (await scene.take(target, 3)).map(({ id }) => id);
    const listener = redis.duplicate();
    try {
      const heard: unknown[] = [];
      const { promise: end, resolve } = Promise.withResolvers<void>();
      listener.on('message', (_channel, text: string) =>
        text === 'end' ? resolve() : heard.push(JSON.parse(text)),
      );
      await listener.subscribe(scene.keys.events);
      await scene.finish(target, ids.slice(0, 2));
      await scene.finish(target, ids.slice(2));
      await redis.publish(scene.keys.events, 'end');
      await end;
      expect(heard).toEqual([{ type: 'credit', processor_id: 'p1', outstanding: 1 }]);
    } finally {
      listener.disconnect();
    }
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

describe('the errors of a frame', () => {
  const fail = async (error: string, times: number): Promise<string> => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(1), target);
    for (let i = 0; i < times; i++) {
      const [frame] = await scene.take(target, 1);
      const options = { keys: scene.keys, queue: target, processorId: 'p1' };
      await giveBack(redis, frame!.id, { processorId: 'p1', error, at: AT }, options);
      const retries = await scene.readNew('retry');
      if (i === times - 1) return retries[0]!.fields['errors']!;
      await scene.give(retries, target);
    }
    return '';
  };
  const listed = (json: string) => JSON.parse(json) as { attempt: number; error: string }[];

  it('are the last ones that there is room for, in order', async () => {
    const json = await fail('e'.repeat(900), 20);
    expect(Buffer.byteLength(json)).toBeLessThan(14 * 1024);
    const attempts = listed(json).map(({ attempt }) => attempt);
    expect(attempts).toEqual(Array.from({ length: attempts.length }, (_, i) => 21 - attempts.length + i));
    expect(attempts.length).toBeGreaterThan(10);
  });

  it.each([
    ['as it is', 'no picture', 'no picture'],
    ['cut', 'x'.repeat(100_000), 'x'.repeat(2_000)],
    ['cut, escaped', '\u0001'.repeat(100_000), '\u0001'.repeat(2_000)],
    ['cut between characters', `x${'\u{1f600}'.repeat(1_000)}`, `x${'\u{1f600}'.repeat(499)}`],
  ])('have room for one that is long: %s', async (_what, error, kept) => {
    const json = await fail(error, 1);
    expect(listed(json).map((one) => one.error)).toEqual([kept]);
    expect(Buffer.byteLength(json)).toBeLessThan(14 * 1024);
  });
});
