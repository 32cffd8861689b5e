import { keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createDeadLetterWatch } from './dead-letter-watch.ts';

const keys = keyNames();
let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => redis.flushall());

const add = (id: string, ...more: string[]) => redis.xadd(keys.deadLetter, id, 'frame_id', `f${id}`, ...more);

it('knows nothing before the first look, and then how many there are', async () => {
  const watch = createDeadLetterWatch(redis, keys);
  expect(watch.figures(0)).toEqual({ count: null, lastMinute: 0, newest: [] });
  await watch.look();
  expect(watch.figures(3)).toEqual({ count: 0, lastMinute: 3, newest: [] });
});

it('shows the newest first, with reason and a detail that fits', async () => {
  const watch = createDeadLetterWatch(redis, keys);
  await add('1-1');
  const more = { camera_id: 'c1', dead_letter_reason: 'bad_record', dead_letter_detail: 'x'.repeat(5_000) };
  await add('2-1', ...Object.entries(more).flat());
  await watch.look();
  expect(watch.figures(0).newest).toEqual([
    { id: '2-1', frameId: 'f2-1', cameraId: 'c1', reason: 'bad_record', detail: 'x'.repeat(200) },
    { id: '1-1', frameId: 'f1-1', cameraId: '', reason: 'unknown', detail: '' },
  ]);
});

it('shows a few of many, and counts all', async () => {
  const watch = createDeadLetterWatch(redis, keys);
  for (let i = 1; i <= 30; i++) await add(`${i}-1`);
  await watch.look();
  const { count, newest } = watch.figures(0);
  expect([count, newest.length, newest[0]?.id]).toEqual([30, 20, '30-1']);
});

it('notices one that went, and one that came in its place', async () => {
  const watch = createDeadLetterWatch(redis, keys);
  await add('1-1');
  await add('2-1');
  await watch.look();
  await redis.xdel(keys.deadLetter, '1-1');
  await watch.look();
  expect(watch.figures(0).newest.map(({ id }) => id)).toEqual(['2-1']);
  await redis.xdel(keys.deadLetter, '2-1');
  await add('3-1');
  await watch.look();
  expect(watch.figures(0)).toMatchObject({ count: 1, newest: [{ id: '3-1' }] });
});

it('reads them only when there are others than before', async () => {
  let reads = 0;
  const counting = new Proxy(redis, {
    get(target, name) {
      if (name === 'xrevrange' || name === 'xrange') reads++;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const watch = createDeadLetterWatch(counting, keys);
  await add('1-1');
  await watch.look();
  const first = reads;
  await watch.look();
  expect([first, reads]).toEqual([2, 3]);
});
