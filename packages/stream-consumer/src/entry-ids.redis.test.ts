/** A publisher may choose its ids: both parts have up to 64 bits, which is more than a number can tell apart. */
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { findFrame } from './find-frame.ts';
import { createScene, GROUP, type Scene } from './test-support/scene.ts';
import { trimInput } from './trim.ts';
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

/** As one number all of these would be the same. */
const NEIGHBOURS = ['5-10000000000000000000', '5-10000000000000000001', '5-10000000000000000002'];
const LAST_OF_ITS_MS = '5-18446744073709551615';

async function publish(...ids: string[]): Promise<void> {
  for (const id of ids) await redis.xadd(scene.keys.input, id, 'frame_id', id, 'camera_id', 'c');
}

const readOne = () => redis.xreadgroup('GROUP', GROUP, 'o1', 'COUNT', 1, 'STREAMS', scene.keys.input, '>');

async function stateOf(frameId: string): Promise<string | undefined> {
  const { entries } = await findFrame(redis, frameId, {
    keys: scene.keys,
    group: GROUP,
    queues: [],
    results: [],
  });
  return entries[0]?.state;
}

describe('an entry whose id is as large as it may be', () => {
  it('is handed off, with the others of its batch', async () => {
    const target = await scene.processor('p1');
    await publish(...NEIGHBOURS, LAST_OF_ITS_MS);
    const { outcomes } = await scene.give(await scene.readNew(), target);
    expect(outcomes).toEqual(Array(4).fill('handed_off'));
    expect(await scene.books()).toMatchObject({ captured: 4, outstanding: 4, unaccounted: 0 });
  });

  it('is told apart from its neighbours by a search and by the books', async () => {
    await publish(...NEIGHBOURS);
    await readOne();
    expect(await Promise.all(NEIGHBOURS.map(stateOf))).toEqual(['pending', 'unread', 'unread']);
    // Without its last delivered entry Redis doesn't know what is unread.
    await redis.xack(scene.keys.input, GROUP, NEIGHBOURS[0]!);
    await redis.xdel(scene.keys.input, NEIGHBOURS[0]!);
    expect(await scene.books()).toMatchObject({ captured: 3, unread: 2 });
  });

  it('is trimmed when it is done, and nothing behind it', async () => {
    await redis.config('SET', 'stream-node-max-entries', '1');
    await publish(...NEIGHBOURS, LAST_OF_ITS_MS, '6-0');
    const target = await scene.processor('p1');
    const idsLeft = async () => {
      await trimInput(redis, scene.keys);
      return (await redis.xrange(scene.keys.input, '-', '+')).map(([id]) => id);
    };
    for (const left of [
      [NEIGHBOURS[1], NEIGHBOURS[2], LAST_OF_ITS_MS, '6-0'],
      [NEIGHBOURS[2], LAST_OF_ITS_MS, '6-0'],
      [LAST_OF_ITS_MS, '6-0'],
      ['6-0'],
    ]) {
      const [, entry] = ((await readOne()) as [string, [string, string[]][]][])[0]!;
      await scene.give([{ source: 'input', id: entry[0]![0], fields: { frame_id: 'f' } }], target);
      expect(await idsLeft()).toEqual(left);
    }
  });

  it('comes back from a queue of somebody who chooses the ids', async () => {
    const target = await scene.processor('p1');
    for (const id of NEIGHBOURS) await redis.xadd(target.queue, id, 'frame_id', id, 'camera_id', 'c');
    const [first, ...unread] = NEIGHBOURS;
    await scene.take(target, 1);
    expect(await scene.finish(target, [first!])).toEqual([true]);
    await redis.hdel(scene.keys.registry, target.processorId);
    expect(await reclaimQueue(redis, scene.keys, target)).toBe(unread.length);
  });
});
