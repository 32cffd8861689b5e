import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { adoptPending, consumersOf, pendingIdsOf } from './adopt.ts';
import { connectRedis } from './connection.ts';
import { createScene, GROUP, type Scene } from './test-support/scene.ts';
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

const adopted = async (consumer: string, heir: string): Promise<{ ids: string[]; lost: number }> => {
  const ids: string[] = [];
  let count = 0;
  for await (const { entries, lost } of adoptPending(redis, 'input', {
    keys: scene.keys,
    group: GROUP,
    consumer,
    heir,
  })) {
    ids.push(...entries.map(({ id }) => id));
    count += lost;
  }
  return { ids, lost: count };
};

describe('adoption', () => {
  it('brings all that a consumer holds, over many pages, and removes its name', async () => {
    const ids = (await scene.capture(600)).map(({ id }) => id);
    expect(await adopted('o1', 'o2')).toEqual({ ids, lost: 0 });
    expect(await consumersOf(redis, scene.keys.input, GROUP)).toEqual([{ name: 'o2', pending: 600 }]);
    expect(await adopted('o1', 'o2')).toEqual({ ids: [], lost: 0 });
  });

  it('leaves its ids under the name of the heir', async () => {
    const ids = (await scene.capture(2_100)).map(({ id }) => id);
    const of = async (consumer: string) => [
      ...(await pendingIdsOf(redis, scene.keys.input, GROUP, consumer)),
    ];
    expect([await of('o1'), await of('o2')]).toEqual([ids, []]);
    await adopted('o1', 'o2');
    expect([await of('o1'), await of('o2')]).toEqual([[], ids]);
  });

  it("brings one's own that were delivered and never seen, and keeps the name", async () => {
    const ids = (await scene.capture(3)).map(({ id }) => id);
    expect(await adopted('o1', 'o1')).toEqual({ ids, lost: 0 });
    expect(await consumersOf(redis, scene.keys.input, GROUP)).toEqual([{ name: 'o1', pending: 3 }]);
  });

  it('counts as lost, once, what a publisher trimmed away meanwhile', async () => {
    const [first] = await scene.capture(2);
    await redis.xdel(scene.keys.input, first!.id);
    expect((await adopted('o1', 'o2')).lost).toBe(1);
    expect((await adopted('o1', 'o2')).lost).toBe(0);
    expect(await scene.books()).toMatchObject({
      captured: 2,
      pendingInput: 1,
      lostUpstream: 1,
      unaccounted: 0,
    });
  });
});
