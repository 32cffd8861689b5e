import { type RedisServer, startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createResultTail, type SeenResult } from './result-tail.ts';

let server: RedisServer;
let redis: Redis;
let seen: SeenResult[];
let tail: ReturnType<typeof createResultTail>;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  seen = [];
  tail = createResultTail(redis, (result) => seen.push(result));
});

const publish = (stream: string, atMs: number, more: Record<string, string> = {}) =>
  redis.xadd(stream, `${atMs}-*`, 'camera_id', 'c1', 'processor_id', 'p1', ...Object.entries(more).flat());
/** @param everyMs may be a share of one */
async function publishMany(stream: string, count: number, fromMs: number, everyMs: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (let i = 0; i < count; i++)
    pipeline.xadd(stream, `${Math.floor(fromMs + i * everyMs)}-*`, 'camera_id', 'c1');
  await pipeline.exec();
}

it('tells what each result says, and of one that says little what it says', async () => {
  await publish('r', 1_000, { capability: 'detect', processing_time: '0.25' });
  await redis.xadd('r', '2000-0', 'processing_time', 'soon');
  expect(await tail.look(['r'])).toBe(true);
  expect(seen).toEqual([
    { atMs: 1_000, camera: 'c1', processor: 'p1', capability: 'detect', durationMs: 250, weight: 1 },
    {
      atMs: 2_000,
      camera: undefined,
      processor: undefined,
      capability: undefined,
      durationMs: undefined,
      weight: 1,
    },
  ]);
});

it('tells each result once, those of several streams in the order in which they were published', async () => {
  await publish('a', 1_000);
  await publish('b', 2_000);
  await publish('a', 3_000);
  await tail.look(['a', 'b', 'empty']);
  await publish('empty', 4_000);
  await publish('b', 5_000);
  await tail.look(['a', 'b', 'empty']);
  expect(seen.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
});

it('reads the newest of a long stream at first, each for itself', async () => {
  await publishMany('r', 800, 10_000, 10);
  expect(await tail.look(['r'])).toBe(true);
  expect(seen).toHaveLength(500);
  expect(seen[0]).toMatchObject({ atMs: 13_000, weight: 1 });
  expect(seen.at(-1)).toMatchObject({ atMs: 17_990, weight: 1 });
});

it('lets those that it reads stand for all where there are more than it may read, and says so', async () => {
  await publish('r', 1_000);
  await tail.look(['r']);
  await publishMany('r', 1_000, 1_001, 1);
  expect(await tail.look(['r'])).toBe(false);
  const weights = seen.slice(1).reduce((sum, { weight }) => sum + weight, 0);
  expect(seen).toHaveLength(501);
  expect(Math.round(weights / 10)).toBe(100);
});

it('does not take an hour without anybody looking for a rate', async () => {
  await publish('r', 1_000);
  await tail.look(['r']);
  await publishMany('r', 1_000, 3_600_000, 1);
  expect(await tail.look(['r'])).toBe(false);
  expect(new Set(seen.map(({ weight }) => weight))).toEqual(new Set([1]));
});

it('looks at so many streams at most, and says that there are others', async () => {
  const streams = Array.from({ length: 21 }, (_none, i) => `r${i}`);
  for (const stream of streams) await publish(stream, 1_000);
  expect(await tail.look(streams)).toBe(false);
  expect(seen).toHaveLength(20);
});
