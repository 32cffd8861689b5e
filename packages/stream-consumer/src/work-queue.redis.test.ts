import { type FlatRecord, keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { openBooks, readBooks } from './books.ts';
import { completeFrames, giveBack } from './completion.ts';
import { connectRedis } from './connection.ts';
import { recordOf, type SourceEntry } from './entry.ts';
import { handOff, type HandOffTarget } from './hand-off.ts';
import { deadLetter } from './settle.ts';
import { createWorkQueue, outstandingOf, reclaimQueue } from './work-queue.ts';

const keys = keyNames();
const group = 'frame-buffer-group';
const AT = '2026-01-01T00:00:00.000Z';
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
  await openBooks(redis, { keys, group }, AT);
});

const books = async () => (await readBooks(redis, { keys, group }))!.books;

async function capture(count: number): Promise<SourceEntry[]> {
  for (let i = 0; i < count; i++)
    await redis.xadd(keys.input, '*', 'frame_id', `f${i}`, 'camera_id', 'c1', 'x-own', `ü${i}`);
  return readNew('input');
}

async function readNew(source: 'input' | 'retry', consumer = 'o1'): Promise<SourceEntry[]> {
  const stream = source === 'input' ? keys.input : keys.retry;
  const reply = (await redis.xreadgroup('GROUP', group, consumer, 'COUNT', 1000, 'STREAMS', stream, '>')) as
    [string, [string, string[]][]][] | null;
  return (reply?.[0]?.[1] ?? []).map(([id, flat]) => ({ source, id, fields: recordOf(flat) }));
}

async function processor(
  id: string,
  completion: 'delete' | 'acknowledge' = 'delete',
  capacity = 100,
): Promise<HandOffTarget> {
  const target = { processorId: id, queue: keys.ready(id), group: 'frame-processors', capacity, completion };
  await redis.hset(keys.registry, id, '{}');
  await createWorkQueue(redis, target);
  return target;
}

const give = (entries: readonly SourceEntry[], target: HandOffTarget) =>
  handOff(
    redis,
    entries.map((entry) => ({
      entry,
      copies: [{ target, fields: { attempt: entry.fields['attempt'] ?? '1', capability: 'a' } }],
    })),
    { keys, group, common: { dispatched_by: 'o1' } },
  );

async function take(target: HandOffTarget, count: number): Promise<{ id: string; fields: FlatRecord }[]> {
  const reply = (await redis.xreadgroup(
    'GROUP',
    target.group,
    'p',
    'COUNT',
    count,
    'STREAMS',
    target.queue,
    '>',
  )) as [string, [string, string[]][]][] | null;
  return (reply?.[0]?.[1] ?? []).map(([id, flat]) => ({ id, fields: recordOf(flat) }));
}

const finish = (target: HandOffTarget, ids: string[]) =>
  completeFrames(
    redis,
    ids.map((entryId) => ({ entryId, result: { done: entryId } })),
    {
      keys,
      queue: target,
      processorId: target.processorId,
      results: keys.results,
      capacity: target.capacity,
    },
  );

describe('hand-off', () => {
  it('moves a frame with its bytes untouched and the added fields', async () => {
    const target = await processor('p1');
    const reply = await give(await capture(1), target);
    expect(reply.outcomes).toEqual(['handed_off']);
    expect(reply.outstanding.get(target)).toBe(1);
    expect((await take(target, 10))[0]?.fields).toEqual({
      frame_id: 'f0',
      camera_id: 'c1',
      'x-own': 'ü0',
      dispatched_by: 'o1',
      attempt: '1',
      capability: 'a',
    });
  });

  it('takes nothing from a publisher that only the orchestrator may say', async () => {
    const target = await processor('p1');
    const own = ['terminal', '1', 'failed_by', 'p1', 'errors', '[]', 'attempt', '4'];
    await redis.xadd(keys.input, '*', 'frame_id', 'f', 'camera_id', 'c', ...own);
    const [entry] = await readNew('input');
    const copies = [{ target, fields: { attempt: '1' } }];
    await handOff(redis, [{ entry: entry!, copies }], { keys, group, common: {} });
    expect((await take(target, 1))[0]?.fields).toEqual({ frame_id: 'f', camera_id: 'c', attempt: '1' });
  });

  it('hands a frame off once, however often it is asked to', async () => {
    const target = await processor('p1');
    const entries = await capture(3);
    await give(entries, target);
    const again = await give(entries, target);
    expect(again.outcomes).toEqual(['gone', 'gone', 'gone']);
    expect(await redis.xlen(target.queue)).toBe(3);
    expect(await books()).toMatchObject({ captured: 3, outstanding: 3, unaccounted: 0 });
  });

  it('never fills a queue beyond its capacity', async () => {
    const target = await processor('p1', 'delete', 2);
    const reply = await give(await capture(3), target);
    expect(reply.outcomes).toEqual(['handed_off', 'handed_off', 'no_credit']);
    expect(await books()).toMatchObject({ pendingInput: 1, outstanding: 2, unaccounted: 0 });
  });

  it('gives nothing to a processor that has left the registry', async () => {
    const target = await processor('p1');
    await redis.hdel(keys.registry, 'p1');
    const reply = await give(await capture(1), target);
    expect(reply.outcomes).toEqual(['departed']);
    expect(reply.outstanding.get(target)).toBeUndefined();
  });

  it('still hands off a frame whose entry was trimmed after it was read', async () => {
    const target = await processor('p1');
    const entries = await capture(2);
    await redis.xtrim(keys.input, 'MAXLEN', 0);
    expect((await give(entries, target)).outcomes).toEqual(['handed_off', 'handed_off']);
    expect((await take(target, 10)).map(({ fields }) => fields['frame_id'])).toEqual(['f0', 'f1']);
    expect(await books()).toMatchObject({ captured: 2, outstanding: 2, lostUpstream: 0, unaccounted: 0 });
  });

  it('sends all copies of a frame, or none', async () => {
    const [roomy, full] = [await processor('p1'), await processor('p2', 'delete', 1)];
    const entries = await capture(2);
    const reply = await handOff(
      redis,
      entries.map((entry) => ({
        entry,
        copies: [roomy, full].map((target) => ({
          target,
          fields: { attempt: '1', capability: target.processorId },
        })),
      })),
      { keys, group, common: {} },
    );
    expect(reply.outcomes).toEqual(['handed_off', 'no_credit']);
    expect([reply.outstanding.get(roomy), reply.outstanding.get(full)]).toEqual([1, 1]);
    expect(await books()).toMatchObject({
      captured: 2,
      fanout: 1,
      pendingInput: 1,
      outstanding: 2,
      unaccounted: 0,
    });
  });
});

describe('completion', () => {
  it('publishes one result for each frame and clears the queue', async () => {
    const target = await processor('p1');
    await give(await capture(2), target);
    const taken = await take(target, 10);
    expect(
      await finish(
        target,
        taken.map(({ id }) => id),
      ),
    ).toEqual([true, true]);
    expect(await redis.xlen(keys.results)).toBe(2);
    expect(await redis.xlen(target.queue)).toBe(0);
    expect(await books()).toMatchObject({ captured: 2, outstanding: 0, completed: 2, unaccounted: 0 });
  });

  it('refuses the result of a frame that was taken back', async () => {
    const target = await processor('p1');
    await give(await capture(1), target);
    const [frame] = await take(target, 1);
    await redis.hdel(keys.registry, 'p1');
    await reclaimQueue(redis, keys, target);
    expect(await finish(target, [frame!.id])).toEqual([false]);
    expect(await redis.xlen(keys.results)).toBe(0);
    expect(await books()).toMatchObject({ captured: 1, waitingRetry: 1, unaccounted: 0 });
  });
});

describe('a queue that is taken back', () => {
  it('returns pending frames as another attempt and unread ones as they came', async () => {
    const target = await processor('p1');
    await give(await capture(3), target);
    await take(target, 1);
    await redis.hdel(keys.registry, 'p1');
    const failure = { processorId: 'p1', error: 'died', at: AT };
    expect(await reclaimQueue(redis, keys, target, failure)).toBe(3);
    const back = await readNew('retry');
    expect(back.map(({ fields }) => [fields['frame_id'], fields['attempt']])).toEqual([
      ['f0', '2'],
      ['f1', '1'],
      ['f2', '1'],
    ]);
    expect(JSON.parse(back[0]?.fields['errors'] ?? '')).toEqual([
      { processor_id: 'p1', attempt: 1, error: 'died', at: AT },
    ]);
    expect(await redis.exists(target.queue)).toBe(0);
    expect(await books()).toMatchObject({ captured: 3, waitingRetry: 3, outstanding: 0, unaccounted: 0 });
  });

  it('leaves alone what a client that only acknowledges has finished', async () => {
    const target = await processor('old', 'acknowledge');
    await give(await capture(4), target);
    const taken = await take(target, 2);
    await redis.xack(target.queue, target.group, taken[1]!.id);
    expect(await outstandingOf(redis, [target])).toEqual([3]);
    expect(await books()).toMatchObject({ outstanding: 3, completed: 1, unaccounted: 0 });
    expect(await reclaimQueue(redis, keys, target)).toBe(3);
    expect(await books()).toMatchObject({ waitingRetry: 3, outstanding: 0, completed: 1, unaccounted: 0 });
  });

  it('brings frames into the books that another service had put there', async () => {
    const target = await processor('p1');
    await redis.xadd(target.queue, '*', 'frame_id', 'foreign', 'camera_id', 'c1');
    expect(await reclaimQueue(redis, keys, target)).toBe(1);
    expect(await books()).toMatchObject({ captured: 1, waitingRetry: 1, unaccounted: 0 });
  });

  it('is moved whole, however long it is', async () => {
    const target = await processor('p1', 'delete', 1000);
    await give(await capture(600), target);
    await take(target, 300);
    expect(await reclaimQueue(redis, keys, target)).toBe(600);
    expect(await books()).toMatchObject({ waitingRetry: 600, outstanding: 0, unaccounted: 0 });
  });
});

describe('giving back', () => {
  it('counts the attempt and keeps every error', async () => {
    const target = await processor('p1');
    await give(await capture(1), target);
    for (const attempt of [1, 2]) {
      const [frame] = await take(target, 1);
      expect(frame?.fields['attempt']).toBe(String(attempt));
      await giveBack(
        redis,
        frame!.id,
        { processorId: 'p1', error: `e${attempt}`, at: AT },
        { keys, queue: target, processorId: 'p1' },
      );
      await give(await readNew('retry'), target);
    }
    const [frame] = await take(target, 1);
    expect(JSON.parse(frame?.fields['errors'] ?? '').map((e: { error: string }) => e.error)).toEqual([
      'e1',
      'e2',
    ]);
    expect(await books()).toMatchObject({ captured: 1, waitingRetry: 0, outstanding: 1, unaccounted: 0 });
  });
});

describe('dead letters', () => {
  it('are kept with their reason, once', async () => {
    const frames = (await capture(1)).map((entry) => ({
      entry,
      reason: 'bad_record' as const,
      detail: 'camera_id: missing',
    }));
    expect(await deadLetter(redis, frames, { keys, group, at: AT })).toEqual([true]);
    expect(await deadLetter(redis, frames, { keys, group, at: AT })).toEqual([false]);
    expect(await redis.hmget(keys.ledger, 'dead_lettered', `dead_lettered:${frames[0]?.reason}`)).toEqual([
      '1',
      '1',
    ]);
    const [[, flat]] = (await redis.xrange(keys.deadLetter, '-', '+')) as [[string, string[]]];
    expect(recordOf(flat)).toMatchObject({
      frame_id: 'f0',
      dead_letter_reason: 'bad_record',
      dead_letter_detail: 'camera_id: missing',
    });
    expect(await books()).toMatchObject({ captured: 1, deadLettered: 1, unaccounted: 0 });
  });
});

describe('books', () => {
  it('count what a publisher trimmed before it was read', async () => {
    for (let i = 0; i < 10; i++) await redis.xadd(keys.input, '*', 'frame_id', `f${i}`);
    await redis.xtrim(keys.input, 'MAXLEN', 4);
    expect(await books()).toMatchObject({ captured: 10, unread: 4, lostUpstream: 6, unaccounted: 0 });
    await readNew('input');
    expect(await books()).toMatchObject({
      captured: 10,
      pendingInput: 4,
      unread: 0,
      lostUpstream: 6,
      unaccounted: 0,
    });
  });

  it('do not count as lost what was trimmed after it was read', async () => {
    const target = await processor('p1');
    await give(await capture(5), target);
    await redis.xtrim(keys.input, 'MAXLEN', 1);
    for (let i = 0; i < 3; i++) await redis.xadd(keys.input, '*', 'frame_id', `g${i}`);
    expect(await books()).toMatchObject({
      captured: 8,
      unread: 3,
      outstanding: 5,
      lostUpstream: 0,
      unaccounted: 0,
    });
  });

  it('show what somebody removed from a work queue behind our back', async () => {
    const target = await processor('p1');
    await give(await capture(5), target);
    await redis.xtrim(target.queue, 'MAXLEN', 3);
    expect((await books()).unaccounted).toBe(2);
  });

  it('leave out what was settled before they were opened', async () => {
    await redis.flushall();
    for (let i = 0; i < 6; i++) await redis.xadd(keys.input, '*', 'frame_id', `f${i}`);
    await redis.xgroup('CREATE', keys.input, group, '0');
    const entries = await readNew('input', 'old-service');
    await redis.xack(keys.input, group, entries[0]!.id, entries[1]!.id);
    await openBooks(redis, { keys, group }, AT);
    expect(await books()).toMatchObject({ captured: 4, pendingInput: 4, unread: 0, unaccounted: 0 });
  });
});
