import { keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { openBooks, readBooks } from './books.ts';
import { handBackGroup, TAKE_OVER_CONSUMER, takeOverGroup } from './take-over.ts';

const OLD = 'frame-buffer';
const GROUP = 'frame-buffer-group';
const AT = '2026-01-01T00:00:00.000Z';
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

const options = { keys, oldGroup: OLD, group: GROUP, minIdleMs: 0, at: AT, commit: true };
const takeOver = (overrides: Partial<typeof options> = {}) =>
  takeOverGroup(redis, { ...options, ...overrides });
const handBack = () => handBackGroup(redis, { keys, at: AT, commit: true });

async function publish(count: number, from = 0): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++)
    ids.push((await redis.xadd(keys.input, '*', 'frame_id', `f${from + i}`, 'camera_id', 'c')) ?? '');
  return ids;
}

const read = (group: string, consumer: string, count: number) =>
  redis.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', keys.input, '>');

/** Ten frames: four acknowledged, two pending for `a`, one for `b`, three unread. */
async function oldService(): Promise<string[]> {
  const ids = await publish(10);
  await redis.xgroup('CREATE', keys.input, OLD, '0');
  await read(OLD, 'a', 6);
  await read(OLD, 'b', 1);
  await redis.xack(keys.input, OLD, ...ids.slice(0, 4));
  return ids;
}

type Flat = (string | number)[];
async function groups(): Promise<Record<string, string | number | undefined>[]> {
  const reply = (await redis.xinfo('GROUPS', keys.input)) as Flat[];
  return reply.map((flat) => {
    const of = (name: string) => flat[flat.indexOf(name) + 1];
    return { name: of('name'), pending: of('pending'), position: of('last-delivered-id'), lag: of('lag') };
  });
}
/** Who holds what, with its deliveries. */
async function pendingOf(group: string): Promise<[string, string, number][]> {
  const reply = (await redis.xpending(keys.input, group, '-', '+', 1000)) as [
    string,
    string,
    number,
    number,
  ][];
  return reply.map(([id, consumer, , deliveries]) => [id, consumer, deliveries]);
}

/** Since when nobody has touched each, in whole hours, and its deliveries. */
async function ages(group: string): Promise<[string, number, number][]> {
  const reply = (await redis.xpending(keys.input, group, '-', '+', 1000)) as [
    string,
    string,
    number,
    number,
  ][];
  return reply.map(([id, , idleMs, deliveries]) => [id, Math.floor(idleMs / 3_600_000), deliveries]);
}

/** What the old service gets: `0` its own pending frames, `>` new ones. */
async function framesOf(consumer: string, from: '0' | '>'): Promise<(string | undefined)[]> {
  const reply = (await redis.xreadgroup(
    'GROUP',
    OLD,
    consumer,
    'COUNT',
    1000,
    'STREAMS',
    keys.input,
    from,
  )) as [string, [string, string[]][]][] | null;
  return (reply?.[0]?.[1] ?? []).map(([, flat]) => flat[flat.indexOf('frame_id') + 1]);
}

describe('taking over a group', () => {
  it('moves position and pending entries and removes the old group', async () => {
    const ids = await oldService();
    expect(await takeOver()).toMatchObject({
      kind: 'taken',
      committed: true,
      taken: { old_group: OLD, position: ids[6], unread: 3, at: AT, gone: [], consumers: ['a', 'b'] },
    });
    expect(await groups()).toEqual([{ name: GROUP, pending: 3, position: ids[6], lag: 3 }]);
    expect(await pendingOf(GROUP)).toEqual(ids.slice(4, 7).map((id) => [id, TAKE_OVER_CONSUMER, 1]));
  });

  it('opens books that know what is left, and nothing else', async () => {
    await oldService();
    await takeOver();
    await openBooks(redis, { keys, group: GROUP }, AT);
    expect((await readBooks(redis, { keys, group: GROUP }))?.books).toMatchObject({
      captured: 6,
      pendingInput: 3,
      unread: 3,
      unaccounted: 0,
    });
  });

  it('changes nothing where it only looks', async () => {
    await oldService();
    const before = [await groups(), await pendingOf(OLD)];
    expect(await takeOver({ commit: false })).toMatchObject({ kind: 'taken', committed: false });
    expect([await groups(), await pendingOf(OLD)]).toEqual(before);
    expect(await redis.exists(keys.cutover)).toBe(0);
  });

  it('tells what it did when it is called again', async () => {
    await oldService();
    const first = await takeOver();
    await publish(2, 10);
    await read(GROUP, 'o1', 2);
    expect(await takeOver()).toEqual(first);
  });

  it('names pending entries whose record is gone', async () => {
    const ids = await oldService();
    await redis.xdel(keys.input, ids[5] ?? '');
    expect(await takeOver()).toMatchObject({ taken: { gone: [ids[5]] } });
    expect((await pendingOf(GROUP)).map(([id]) => id)).toEqual([ids[4], ids[6]]);
  });

  it('takes over an old group that holds nothing', async () => {
    await publish(3);
    await redis.xgroup('CREATE', keys.input, OLD, '0');
    expect(await takeOver()).toMatchObject({ taken: { pending: [], unread: 3, consumers: [] } });
    expect(await groups()).toMatchObject([{ name: GROUP, pending: 0, lag: 3 }]);
  });

  it('uses our group where it was made and never read', async () => {
    await oldService();
    await redis.xgroup('CREATE', keys.input, GROUP, '0');
    expect((await takeOver()).kind).toBe('taken');
    expect(await groups()).toMatchObject([{ name: GROUP, pending: 3, lag: 3 }]);
  });
});

describe('taking over is refused, and nothing is changed,', () => {
  const refusals = async (overrides: Partial<typeof options> = {}) => {
    const before = await groups().catch(() => []);
    const outcome = await takeOver(overrides);
    expect(await groups().catch(() => [])).toEqual(before);
    return outcome.kind === 'refused' ? outcome.refusals.map(({ reason }) => reason) : outcome;
  };

  it('while a consumer was seen lately', async () => {
    await oldService();
    expect(await refusals({ minIdleMs: 60_000 })).toEqual(['consumer_active', 'consumer_active']);
  });
  it('where there is no such group', async () => {
    await publish(1);
    expect(await refusals()).toEqual(['no_such_group']);
  });
  it('where our group has read', async () => {
    await oldService();
    await redis.xgroup('CREATE', keys.input, GROUP, '0');
    await read(GROUP, 'o1', 1);
    expect(await refusals()).toEqual(['group_in_use', 'group_has_consumers']);
  });
  it('where our books are open', async () => {
    await oldService();
    await openBooks(redis, { keys, group: GROUP }, AT);
    expect(await refusals()).toEqual(['books_open']);
  });
});

describe('handing back', () => {
  it('makes the old group as it was, where nothing has happened', async () => {
    await oldService();
    const before = [await groups(), await pendingOf(OLD)];
    await takeOver();
    expect(await handBack()).toMatchObject({ kind: 'restored', committed: true, restored: { settled: [] } });
    expect([await groups(), await pendingOf(OLD)]).toEqual(before);
  });

  it('keeps what was settled settled, and returns what was not', async () => {
    const ids = await oldService();
    await takeOver();
    await openBooks(redis, { keys, group: GROUP }, AT);
    await read(GROUP, 'o1', 2);
    await redis.xack(keys.input, GROUP, ids[4] ?? '', ids[7] ?? '');
    expect(await handBack()).toMatchObject({
      restored: { settled: [ids[4]], position: ids[8], unread: 1, again: 1, gone: [] },
    });
    expect(await pendingOf(OLD)).toEqual([
      [ids[5], 'a', 1],
      [ids[6], 'b', 1],
    ]);
    expect(await groups()).toMatchObject([{ name: OLD, position: ids[8] }]);
    expect(await redis.exists(keys.ledger)).toBe(0);
  });

  it('gives an old service that reads what is new and its own all that is not done', async () => {
    await oldService();
    await takeOver();
    await openBooks(redis, { keys, group: GROUP }, AT);
    await publish(2, 10);
    await read(GROUP, 'o1', 4);
    await redis.xadd(keys.retry, '*', 'frame_id', 'r1', 'camera_id', 'c', 'attempt', '2');
    await handBack();
    expect([await framesOf('a', '0'), await framesOf('b', '0')]).toEqual([['f4', 'f5'], ['f6']]);
    expect(await framesOf('a', '>')).toEqual(['f11', 'f7', 'f8', 'f9', 'f10', 'r1']);
  });

  it('names what ours had read and a publisher deleted: nobody can process it', async () => {
    const ids = await oldService();
    await takeOver();
    await read(GROUP, 'o1', 2);
    await redis.xdel(keys.input, ids[8]!);
    expect(await handBack()).toMatchObject({ restored: { again: 1, gone: [ids[8]] } });
    expect(await framesOf('a', '>')).toEqual(['f9', 'f7']);
  });

  it('keeps deliveries and idle times on the way there and back', async () => {
    const ids = await oldService();
    await redis.xclaim(keys.input, OLD, 'a', 0, ids[4]!, 'IDLE', 3_600_000, 'RETRYCOUNT', 7);
    await redis.xclaim(keys.input, OLD, 'b', 0, ids[6]!, 'IDLE', 7_200_000, 'RETRYCOUNT', 9);
    const before = await ages(OLD);
    expect(before).toEqual([
      [ids[4], 1, 7],
      [ids[5], 0, 1],
      [ids[6], 2, 9],
    ]);
    await takeOver();
    expect(await ages(GROUP)).toEqual(before);
    await handBack();
    expect(await ages(OLD)).toEqual(before);
  });

  it('puts frames of the retry stream back into the input', async () => {
    await oldService();
    await takeOver();
    await redis.xadd(keys.retry, '*', 'frame_id', 'r1', 'camera_id', 'c', 'attempt', '2');
    expect(await handBack()).toMatchObject({ restored: { returned: 1 } });
    const [, fields] = (await redis.xrevrange(keys.input, '+', '-', 'COUNT', 1))[0] ?? [];
    expect(fields).toEqual(['frame_id', 'r1', 'camera_id', 'c', 'attempt', '2']);
    expect(await redis.exists(keys.retry)).toBe(0);
  });

  it('tells what it did when it is called again, and the way forward is open again', async () => {
    await oldService();
    await takeOver();
    const first = await handBack();
    expect(await handBack()).toEqual(first);
    expect(await takeOver()).toMatchObject({ kind: 'taken', committed: true });
    expect(await groups()).toMatchObject([{ name: GROUP, pending: 3 }]);
  });

  it('holds for an orchestrator that slept through it: it may not make its group again', async () => {
    await oldService();
    await takeOver();
    await handBack();
    const before = await groups();
    await expect(openBooks(redis, { keys, group: GROUP }, AT)).rejects.toThrow(
      `HANDEDBACK ${keys.input} was handed back to the group ${OLD}`,
    );
    expect(await groups()).toEqual(before);
    expect(await redis.exists(keys.ledger, keys.retry)).toBe(0);
    await takeOver();
    expect(await openBooks(redis, { keys, group: GROUP }, AT)).toBe(true);
  });

  it('does not hold for a group of another name, nor where the record of it was deleted', async () => {
    await oldService();
    await takeOver();
    await handBack();
    expect(await openBooks(redis, { keys, group: 'beside' }, AT)).toBe(true);
    await redis.del(keys.cutover, keys.ledger);
    expect(await openBooks(redis, { keys, group: GROUP }, AT)).toBe(true);
  });

  it('is refused while an orchestrator lives, where the old group is back, and where nothing was taken', async () => {
    expect(await handBack()).toMatchObject({ refusals: [{ reason: 'nothing_taken' }] });
    await oldService();
    await takeOver();
    await read(GROUP, 'o1', 1);
    await redis.set(keys.orchestrator('o1'), '{"pid":7}', 'PX', 60_000);
    expect(await handBack()).toMatchObject({
      refusals: [{ reason: 'orchestrator_alive', detail: '{"pid":7}' }],
    });
    await redis.del(keys.orchestrator('o1'));
    await redis.xgroup('CREATE', keys.input, OLD, '0');
    expect(await handBack()).toMatchObject({ refusals: [{ reason: 'old_group_exists' }] });
  });
});
