import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { listDeadLetters, requeueDeadLetters } from './dead-letters.ts';
import { deadLetter, shed } from './settle.ts';
import { AT, createScene, GROUP, type Scene } from './test-support/scene.ts';
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

describe('a dead letter', () => {
  it('that is there is listed', async () => {
    const [entry] = await scene.capture(1);
    const frames = [{ entry: entry!, reason: 'bad_record' as const, detail: 'why' }];
    await deadLetter(redis, frames, { keys: scene.keys, group: GROUP, at: AT });
    const [letter] = await listDeadLetters(redis, scene.keys, { count: 10 });
    expect(letter?.fields).toMatchObject({ frame_id: 'f0', dead_letter_detail: 'why' });
  });

  it('is sent again once, however often it is asked for', async () => {
    const [entry] = await scene.capture(1);
    const frames = [{ entry: entry!, reason: 'bad_record' as const, detail: 'd' }];
    await deadLetter(redis, frames, { keys: scene.keys, group: GROUP, at: AT });
    const [letter] = await listDeadLetters(redis, scene.keys, { count: 10 });
    expect(await requeueDeadLetters(redis, scene.keys, [letter!.id])).toEqual([true]);
    expect(await requeueDeadLetters(redis, scene.keys, [letter!.id])).toEqual([false]);
    expect(await redis.xlen(scene.keys.retry)).toBe(1);
    expect(await listDeadLetters(redis, scene.keys, { count: 10 })).toEqual([]);
    expect(await scene.books()).toMatchObject({ waitingRetry: 1, deadLettered: 0, unaccounted: 0 });
  });

  it.each([
    ['input', undefined],
    ['retry', 'detect'],
  ] as const)('that came from the %s is sent again for: %s', async (source, capability) => {
    const { keys } = scene;
    await redis.xadd(
      keys[source],
      '*',
      'frame_id',
      'f',
      'camera_id',
      'c',
      'capability',
      'detect',
      'attempt',
      '3',
    );
    const [entry] = await scene.readNew(source);
    const frames = [{ entry: entry!, reason: 'attempts_used_up' as const, detail: 'd' }];
    await deadLetter(redis, frames, { keys, group: GROUP, at: AT });
    const [letter] = await listDeadLetters(redis, keys, { count: 10 });
    await requeueDeadLetters(redis, keys, [letter!.id]);
    const [again] = await scene.readNew('retry');
    expect(again?.fields).toEqual({
      frame_id: 'f',
      camera_id: 'c',
      attempt: '1',
      ...(capability && { capability }),
    });
  });
});

describe('the shed stream', () => {
  it('keeps the last ones, so many', async () => {
    const { keys } = scene;
    const pipeline = redis.pipeline();
    for (let i = 0; i < 12_000; i++) pipeline.xadd(keys.shed, '*', 'frame_id', `before${i}`);
    await pipeline.exec();
    const [entry] = await scene.capture(1);
    const frames = [{ entry: entry!, reason: 'room_full', detail: 'd' }];
    await shed(redis, frames, { keys, group: GROUP, at: AT });
    const left = (await redis.xrange(keys.shed, '-', '+')).map(([, fields]) => fields[1]);
    expect(left.at(-1)).toBe('f0');
    expect(left.length).toBeGreaterThanOrEqual(10_000);
    // Whole nodes of the stream go.
    expect(left.length).toBeLessThanOrEqual(10_100);
  });
});
