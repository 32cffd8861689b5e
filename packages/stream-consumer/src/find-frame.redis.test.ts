import { keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { openBooks } from './books.ts';
import { connectRedis } from './connection.ts';
import { findFrame } from './find-frame.ts';

const keys = keyNames();
const group = 'frame-buffer-group';
const queue = { queue: keys.ready('p1'), group: 'frame-processors' };
const options = { keys, group, queues: [queue], results: [keys.results] };
let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  await openBooks(redis, { keys, group }, '2026-01-01T00:00:00.000Z');
  await redis.xgroup('CREATE', queue.queue, queue.group, '0', 'MKSTREAM');
});

const publish = (stream: string, frameId: string) =>
  redis.xadd(stream, '*', 'camera_id', 'c1', 'frame_id', frameId);
const find = async (frameId: string) =>
  (await findFrame(redis, frameId, options)).entries.map(({ where, state, holder }) => [
    where,
    state,
    holder,
  ]);

describe('a search for a frame', () => {
  it('tells unread from pending and settled', async () => {
    for (const id of ['a', 'b', 'c']) await publish(keys.input, id);
    await redis.xreadgroup('GROUP', group, 'o1', 'COUNT', 2, 'STREAMS', keys.input, '>');
    const [first] = (await redis.xrange(keys.input, '-', '+', 'COUNT', 1)) as [string, string[]][];
    await redis.xack(keys.input, group, first![0]);
    expect(await find('a')).toEqual([['input', 'settled', undefined]]);
    expect(await find('b')).toEqual([['input', 'pending', 'o1']]);
    expect(await find('c')).toEqual([['input', 'unread', undefined]]);
  });

  it('follows a frame through all streams, in time', async () => {
    await publish(keys.input, 'a');
    await publish(queue.queue, 'a');
    await publish(keys.retry, 'a');
    await publish(keys.results, 'a');
    await publish(keys.deadLetter, 'a');
    expect((await find('a')).map(([where]) => where)).toEqual([
      'input',
      'queue',
      'retry',
      'results',
      'dead_letter',
    ]);
  });

  it('finds nothing where there is nothing', async () => {
    await publish(keys.input, 'a');
    await redis.del(queue.queue);
    expect(await find('nobody')).toEqual([]);
  });

  it('says when it has not seen everything', async () => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 2_500; i++) pipeline.xadd(keys.results, '*', 'frame_id', `f${i}`);
    await pipeline.exec();
    expect(await findFrame(redis, 'f0', { ...options, maxEntries: 2_000 })).toEqual({
      entries: [],
      partial: true,
    });
    expect(await findFrame(redis, 'f0', options)).toMatchObject({
      entries: [{ where: 'results' }],
      partial: false,
    });
  });
});
