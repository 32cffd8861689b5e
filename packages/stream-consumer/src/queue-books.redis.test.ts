import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { openBooks } from './books.ts';
import { giveBack } from './completion.ts';
import { connectRedis } from './connection.ts';
import { loadScript } from './script.ts';
import { AT, createScene, GROUP, type Scene } from './test-support/scene.ts';
import { outstandingOf, reclaimQueue } from './work-queue.ts';

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

const DIED = { processorId: 'p1', error: 'died', at: AT };

describe('the queue of a client that only acknowledges', () => {
  it('is counted right after it was taken back and its processor came again', async () => {
    await scene.give(await scene.capture(4), await scene.processor('old', 'acknowledge', 4));
    const target = await scene.processor('old', 'acknowledge', 4);
    await scene.take(target, 1);
    await redis.hdel(scene.keys.registry, 'old');
    expect(await reclaimQueue(redis, scene.keys, target)).toBe(4);
    await scene.processor('old', 'acknowledge', 4);
    expect(await outstandingOf(redis, [target])).toEqual([0]);
    expect((await scene.give(await scene.readNew('retry'), target)).outcomes).toEqual(
      Array(4).fill('handed_off'),
    );
    await scene.take(target, 2);
    expect(await scene.books()).toMatchObject({ outstanding: 4, completed: 0, unaccounted: 0 });
  });

  it('is counted right between the steps of taking it back, while the former run still reads', async () => {
    const target = await scene.processor('old', 'acknowledge', 1000);
    await scene.give(await scene.capture(300), target);
    await scene.take(target, 1);
    const { keys } = scene;
    await redis.hdel(keys.registry, 'old');
    const request = { group: target.group, completion: target.completion, limit: 200 };
    await loadScript('reclaim').run(redis, [keys.ledger, target.queue, keys.retry, keys.registry], request);
    await scene.take(target, 1);
    expect(await outstandingOf(redis, [target])).toEqual([100]);
    expect(await scene.books()).toMatchObject({ waitingRetry: 200, outstanding: 100, unaccounted: 0 });
  });

  it('shows as unaccounted what somebody removed from it unread', async () => {
    const target = await scene.processor('old', 'acknowledge');
    await scene.give(await scene.capture(1), target);
    await scene.take(target, 1);
    await scene.give(await scene.capture(4), target);
    await redis.xtrim(target.queue, 'MAXLEN', 2);
    expect(await scene.books()).toMatchObject({ outstanding: 3, completed: 0, unaccounted: 2 });
    await scene.take(target, 2);
    expect(await scene.books()).toMatchObject({ outstanding: 3, completed: 0, unaccounted: 2 });
  });

  it('counts as lost, when it is taken back, what somebody removed from it unread', async () => {
    const target = await scene.processor('old', 'acknowledge');
    await scene.give(await scene.capture(1), target);
    await scene.take(target, 1);
    await scene.give(await scene.capture(4), target);
    await redis.xtrim(target.queue, 'MAXLEN', 2);
    await redis.hdel(scene.keys.registry, 'old');
    await reclaimQueue(redis, scene.keys, target);
    expect(await scene.books()).toMatchObject({
      waitingRetry: 2,
      completed: 0,
      lostUpstream: 3,
      unaccounted: 0,
    });
  });

  it('has room where only entries that are gone seem to fill it', async () => {
    const target = await scene.processor('old', 'acknowledge', 3);
    await scene.give(await scene.capture(1), target);
    const [first] = await scene.take(target, 1);
    await redis.xack(target.queue, target.group, first!.id);
    await scene.give(await scene.capture(3), target);
    await redis.xtrim(target.queue, 'MAXLEN', 0);
    expect((await scene.give(await scene.capture(1), target)).outcomes).toEqual(['handed_off']);
  });

  it('balances also where the client finishes frames with the completion script', async () => {
    const target = await scene.processor('old', 'acknowledge');
    await scene.give(await scene.capture(3), target);
    const [first, second] = await scene.take(target, 2);
    await scene.finish(target, [first!.id]);
    await giveBack(redis, second!.id, DIED, { keys: scene.keys, queue: target, processorId: 'old' });
    expect(await scene.books()).toMatchObject({
      completed: 1,
      waitingRetry: 1,
      outstanding: 1,
      unaccounted: 0,
    });
  });
});

describe('a queue that changes hands', () => {
  it('balances while frames of both ways of completion are in it, and after it was taken back', async () => {
    const old = await scene.processor('p1', 'acknowledge');
    await scene.give(await scene.capture(3), old);
    const taken = await scene.take(old, 2);
    await redis.xack(old.queue, old.group, taken[0]!.id);
    const next = { ...old, completion: 'delete' as const };
    await scene.give(await scene.capture(2), next);
    expect(await scene.books()).toMatchObject({ outstanding: 4, completed: 1, unaccounted: 0 });
    await redis.hdel(scene.keys.registry, 'p1');
    expect(await reclaimQueue(redis, scene.keys, old, DIED)).toBe(4);
    expect(await scene.books()).toMatchObject({
      waitingRetry: 4,
      outstanding: 0,
      completed: 1,
      unaccounted: 0,
    });
  });

  it('fences what a run under another group holds of it', async () => {
    const old = await scene.processor('p1');
    const next = { ...old, group: 'another' };
    await redis.xgroup('CREATE', next.queue, next.group, '0');
    await scene.give(await scene.capture(2), next);
    const [frame] = await scene.take(next, 2);
    const { keys } = scene;
    await redis.hdel(keys.registry, 'p1');
    // One step of it: with the last one the queue is deleted, and with it whatever is pending.
    const request = { group: old.group, completion: old.completion, limit: 1 };
    await loadScript('reclaim').run(redis, [keys.ledger, old.queue, keys.retry, keys.registry], request);
    expect(await scene.finish(next, [frame!.id])).toEqual([false]);
    expect(await scene.books()).toMatchObject({ waitingRetry: 1, completed: 0, unaccounted: 0 });
  });

  it('never takes more than its capacity, whoever it is filled for', async () => {
    const one = await scene.processor('p1', 'delete', 2);
    const reply = await scene.give(await scene.capture(2), one, { ...one });
    expect(reply.outcomes).toEqual(['handed_off', 'no_credit']);
    expect(await redis.xlen(one.queue)).toBe(2);
  });
});

describe('a queue that a registration names', () => {
  it.each(['p1', 'another'])('is not taken back, whoever asks: it is that of %s', async (id) => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(2), target);
    await scene.take(target, 1);
    await redis.hdel(scene.keys.registry, 'p1');
    await redis.hset(scene.keys.registry, id, JSON.stringify({ id, queue: target.queue }));
    expect(await reclaimQueue(redis, scene.keys, target, DIED)).toBe(0);
    expect(await scene.books()).toMatchObject({ outstanding: 2, waitingRetry: 0, unaccounted: 0 });
  });
});

describe('a frame without a processor to go to', () => {
  it('stays where it is', async () => {
    expect((await scene.give(await scene.capture(1))).outcomes).toEqual(['departed']);
    expect(await scene.books()).toMatchObject({ pendingInput: 1, unaccounted: 0 });
  });
});

describe('a queue that does not exist', () => {
  it('is given nothing', async () => {
    const target = await scene.processor('p1');
    await redis.del(target.queue);
    expect((await scene.give(await scene.capture(1), target)).outcomes).toEqual(['departed']);
    expect(await redis.exists(target.queue)).toBe(0);
  });
});

describe('books that somebody deleted', () => {
  const reopen = () => openBooks(redis, { keys: scene.keys, group: GROUP }, AT);

  it('balance again once they are opened, with what is unread, pending, in queues and on its way back', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(6), target);
    const [first, second, third] = await scene.take(target, 3);
    await scene.finish(target, [first!.id]);
    await giveBack(redis, second!.id, DIED, { keys: scene.keys, queue: target, processorId: 'p1' });
    await scene.capture(2);
    await scene.publish(1);
    await redis.del(scene.keys.ledger);
    expect(await reopen()).toBe(true);
    const left = { unread: 1, pendingInput: 2, waitingRetry: 1, outstanding: 4, unaccounted: 0 };
    expect(await scene.books()).toMatchObject({ captured: 8, ...left });

    await scene.give([...(await scene.readNew('retry')), ...(await scene.readNew())], target);
    const rest = (await scene.take(target, 10)).map(({ id }) => id);
    expect(await scene.finish(target, [third!.id, ...rest])).toEqual(Array(6).fill(true));
    expect(await scene.books()).toMatchObject({
      captured: 8,
      pendingInput: 2,
      outstanding: 0,
      completed: 6,
      unaccounted: 0,
    });
  });

  it.each(['delete', 'acknowledge'] as const)(
    'balance also where frames were moved meanwhile: %s',
    async (completion) => {
      const target = await scene.processor('p1', completion);
      await scene.give(await scene.capture(5), target);
      await redis.del(scene.keys.ledger);
      await scene.give(await scene.capture(2), target);
      const done = (await scene.take(target, 6)).map(({ id }) => id);
      if (completion === 'delete') await scene.finish(target, done);
      else await redis.xack(target.queue, target.group, ...done);
      await reopen();
      expect(await scene.books()).toMatchObject({ outstanding: 1, waitingRetry: 0, unaccounted: 0 });
      await redis.hdel(scene.keys.registry, target.processorId);
      expect(await reclaimQueue(redis, scene.keys, target)).toBe(1);
      expect(await scene.books()).toMatchObject({ outstanding: 0, waitingRetry: 1, unaccounted: 0 });
    },
  );
});
