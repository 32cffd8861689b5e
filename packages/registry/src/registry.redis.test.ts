import { decodeNotice, keyNames, type Notice, type RegistrationRequest } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createRegistry, SEEN_ALIVE_MS } from './registry.ts';

const keys = keyNames();
const QUEUE = keys.ready('p1');
const LEASE_MS = 60_000;
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

const registry = () => createRegistry({ client: redis, keys });
const request = (overrides: Partial<RegistrationRequest> = {}): RegistrationRequest => ({
  id: 'p1',
  capabilities: ['detect'],
  capacity: 4,
  lease_ms: LEASE_MS,
  ...overrides,
});
const register = (overrides: Partial<RegistrationRequest> = {}) => registry().register(request(overrides));

/** As if so much time had passed since the last sign of life of p1. */
const age = (ms: number) => redis.pexpire(keys.health('p1'), LEASE_MS - ms);
const readQueue = () =>
  redis.xreadgroup('GROUP', 'frame-processors', 'one', 'COUNT', 1, 'STREAMS', QUEUE, '>');

/** The changes of the registry that are announced from now on. */
async function announced(): Promise<{ changes: string[]; end(): void }> {
  const listener = redis.duplicate();
  const changes: string[] = [];
  listener.on('message', (_channel, message) => {
    const notice = decodeNotice(message);
    if (notice?.type === 'registry') changes.push(notice.change);
  });
  await listener.subscribe(keys.events);
  return { changes, end: () => listener.disconnect() };
}

describe('a registration', () => {
  it('is complete', async () => {
    expect(await registry().register({ id: 'p1', capabilities: ['detect'], capacity: 4 })).toMatchObject({
      kind: 'registered',
      registration: {
        queue: QUEUE,
        group: 'frame-processors',
        results: 'frames:results',
        completion: 'acknowledge',
        state: 'active',
        lease_ms: 90_000,
      },
    });
  });

  it('has made queue and group when it returns', async () => {
    await register();
    expect(await redis.xinfo('GROUPS', QUEUE)).toHaveLength(1);
  });

  it('leaves a group that is there as it is', async () => {
    const id = await redis.xadd(QUEUE, '*', 'frame_id', 'f1');
    await redis.xgroup('CREATE', QUEUE, 'frame-processors', '$');
    await redis.xdel(QUEUE, id!);
    expect((await register()).kind).toBe('registered');
    expect(await redis.xinfo('GROUPS', QUEUE)).toEqual([expect.arrayContaining(['last-delivered-id', id])]);
  });

  it('is announced', async () => {
    const listener = redis.duplicate();
    const notices: (Notice | undefined)[] = [];
    listener.on('message', (_channel, message) => notices.push(decodeNotice(message)));
    await listener.subscribe(keys.events);
    await register();
    await until(() => notices.length > 0, { what: 'the notice' });
    expect(notices).toEqual([{ type: 'registry', processor_id: 'p1', change: 'registered' }]);
    listener.disconnect();
  });

  it('announces nothing where it is refused', async () => {
    await register({ instance_id: 'one' });
    const { changes, end } = await announced();
    await register({ instance_id: 'two' });
    await registry().remove('p1');
    await until(() => changes.length > 0, { what: 'the notice of its removal' });
    expect(changes).toEqual(['left']);
    end();
  });
});

it('a run that is declared dead leaves, which is announced as a death, and no other run goes with it', async () => {
  await register({ instance_id: 'one' });
  const { changes, end } = await announced();
  expect(await registry().declareDead({ id: 'p1', instance_id: 'former' })).toBeUndefined();
  expect(await registry().declareDead({ id: 'p1', instance_id: 'one' })).toMatchObject({ id: 'p1' });
  await until(() => changes.length > 0, { what: 'the notice of its death' });
  expect([changes, await registry().list()]).toEqual([['died'], []]);
  end();
});

describe('another run under an id', () => {
  it('is refused while the holder registered lately', async () => {
    await register({ instance_id: 'one' });
    await age(SEEN_ALIVE_MS - 1_000);
    expect(await register({ instance_id: 'two' })).toMatchObject({
      kind: 'conflict',
      holder: { instance_id: 'one' },
    });
  });

  it('is refused while the holder sent a heartbeat lately', async () => {
    await register({ instance_id: 'one' });
    await age(10 * SEEN_ALIVE_MS);
    await registry().heartbeat({ processor_id: 'p1', instance_id: 'one' });
    expect((await register({ instance_id: 'two' })).kind).toBe('conflict');
  });

  it('is refused while the holder reads its queue', async () => {
    await register({ instance_id: 'one' });
    await age(10 * SEEN_ALIVE_MS);
    // Redis 7.0 knows a consumer only once it got something.
    await redis.xadd(QUEUE, '*', 'frame_id', 'f1');
    await readQueue();
    expect((await register({ instance_id: 'two' })).kind).toBe('conflict');
  });

  it('gets in after a silence: the former run is put out and told, then there is room', async () => {
    await register({ instance_id: 'one' });
    await age(SEEN_ALIVE_MS + 1);
    const { changes, end } = await announced();
    expect(await register({ instance_id: 'two' })).toMatchObject({
      kind: 'unsettled',
      registration: { instance_id: 'one' },
    });
    expect(await registry().get('p1')).toBeUndefined();
    await redis.del(QUEUE);
    expect(await register({ instance_id: 'two' })).toMatchObject({
      kind: 'registered',
      registration: { instance_id: 'two' },
    });
    await until(() => changes.length === 2, { what: 'both changes to be announced' });
    expect(changes).toEqual(['replaced', 'registered']);
    end();
  });

  it('gets in with takeover though another is alive', async () => {
    await register({ instance_id: 'one' });
    expect(await register({ instance_id: 'two', takeover: true })).toMatchObject({
      kind: 'unsettled',
      registration: { instance_id: 'one' },
    });
    expect((await register({ instance_id: 'two' })).kind).toBe('registered');
  });

  it('does not get in while frames lie in its queue, whoever had them', async () => {
    await redis.xadd(QUEUE, '*', 'frame_id', 'f1');
    expect(await register({ instance_id: 'two' })).toMatchObject({
      kind: 'unsettled',
      registration: { instance_id: 'two', queue: QUEUE },
    });
    expect(await registry().list()).toEqual([]);
    await redis.del(QUEUE);
    expect((await register({ instance_id: 'two' })).kind).toBe('registered');
  });

  it('is refused without an instance_id, too: it might be any', async () => {
    await register();
    expect((await register()).kind).toBe('conflict');
  });

  it('is judged by the clock of Redis, whatever the orchestrators take for the time', async () => {
    await createRegistry({ client: redis, keys, clock: () => Date.now() - 3_600_000 }).register(request());
    expect((await register()).kind).toBe('conflict');
  });

  it('gets in for exactly one of many at once', async () => {
    const outcomes = await Promise.all(
      ['one', 'two', 'three', 'four', 'five'].map((instance_id) => register({ instance_id })),
    );
    expect(outcomes.filter(({ kind }) => kind === 'registered')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(4);
  });
});

describe('the same run', () => {
  it('registers again at any time', async () => {
    await register({ instance_id: 'one' });
    expect(await register({ instance_id: 'one', capacity: 9 })).toMatchObject({
      kind: 'registered',
      registration: { capacity: 9 },
    });
  });

  it('keeps its queue and what lies there', async () => {
    await register({ instance_id: 'one' });
    await redis.xadd(QUEUE, '*', 'frame_id', 'f1');
    expect((await register({ instance_id: 'one' })).kind).toBe('registered');
    expect(await redis.xlen(QUEUE)).toBe(1);
  });

  it('stays isolated, and a new run does not', async () => {
    await register({ instance_id: 'one' });
    await registry().setState('p1', 'isolated');
    expect(await register({ instance_id: 'one' })).toMatchObject({ registration: { state: 'isolated' } });
    await register({ instance_id: 'two', takeover: true });
    expect(await register({ instance_id: 'two' })).toMatchObject({ registration: { state: 'active' } });
  });
});

describe('a key that is no stream', () => {
  it.each(['queue', 'results'] as const)('is refused as %s, and nothing is changed', async (field) => {
    await redis.hset('a-hash', 'a', '1');
    expect(await register({ [field]: 'a-hash' })).toEqual({
      kind: 'wrong_type',
      field,
      key: 'a-hash',
      type: 'hash',
    });
    expect(await redis.keys('*')).toEqual(['a-hash']);
  });

  it('is refused as the queue that it would get unasked', async () => {
    await redis.set(QUEUE, 'text');
    expect(await register()).toMatchObject({ kind: 'wrong_type', key: QUEUE, type: 'string' });
  });
});

describe('a queue of another processor', () => {
  it('is refused, with its owner', async () => {
    await register();
    expect(await register({ id: 'p2', queue: QUEUE })).toMatchObject({
      kind: 'queue_taken',
      holder: { id: 'p1' },
    });
    expect(await registry().get('p2')).toBeUndefined();
  });

  it('is free when that one has left', async () => {
    await register();
    await registry().remove('p1');
    expect((await register({ id: 'p2', queue: QUEUE })).kind).toBe('registered');
  });
});

describe('a heartbeat', () => {
  it('renews the lease of the run that holds the id', async () => {
    await register({ instance_id: 'one' });
    await redis.pexpire(keys.health('p1'), 1_000);
    const beat = { processor_id: 'p1', instance_id: 'one', status: 'busy', active_tasks: 3 };
    expect(await registry().heartbeat(beat)).toBe('alive');
    expect(await redis.pttl(keys.health('p1'))).toBeGreaterThan(LEASE_MS - 5_000);
    expect((await registry().get('p1'))?.health).toMatchObject({ status: 'busy', active_tasks: 3 });
  });

  it('without an instance_id is that of the holder', async () => {
    await register({ instance_id: 'one' });
    expect(await registry().heartbeat({ processor_id: 'p1' })).toBe('alive');
  });

  it('of a stranger makes nobody alive', async () => {
    expect(await registry().heartbeat({ processor_id: 'p1' })).toBe('unknown');
    expect(await redis.exists(keys.health('p1'))).toBe(0);
  });

  it('of a run that was replaced renews nothing', async () => {
    await register({ instance_id: 'one' });
    await redis.pexpire(keys.health('p1'), 1_000);
    expect(await registry().heartbeat({ processor_id: 'p1', instance_id: 'two' })).toBe('replaced');
    expect(await redis.pttl(keys.health('p1'))).toBeLessThanOrEqual(1_000);
  });
});

describe('a change', () => {
  const holder = async () => (await registry().get('p1'))!.registration;

  it('is no sign of life, and does not touch the state', async () => {
    await register();
    await registry().setState('p1', 'draining');
    await age(10_000);
    const changed = await registry().change({ ...(await holder()), capacity: 9, state: 'active' });
    expect(changed).toMatchObject({ kind: 'changed', registration: { capacity: 9, state: 'draining' } });
    expect(changed).toMatchObject({ registration: await holder() });
    expect(await redis.pttl(keys.health('p1'))).toBeLessThanOrEqual(LEASE_MS - 10_000);
  });

  it('of the lease counts from the last sign of life', async () => {
    await register();
    await age(10_000);
    await registry().change({ ...(await holder()), lease_ms: 2 * LEASE_MS });
    const leftMs = await redis.pttl(keys.health('p1'));
    expect(leftMs).toBeGreaterThan(2 * LEASE_MS - 15_000);
    expect(leftMs).toBeLessThanOrEqual(2 * LEASE_MS - 10_000);
  });

  it('is refused for a run that does not hold the id', async () => {
    await register({ instance_id: 'one' });
    expect(await registry().change({ ...(await holder()), instance_id: 'two' })).toEqual({
      kind: 'not_held',
    });
    await registry().remove('p1');
    expect(await registry().setState('p1', 'draining')).toBeUndefined();
  });

  it('of the state keeps every other byte', async () => {
    await register({ formats: [], metadata: { empty: [], nothing: {}, deep: [[], { a: 'ü"\\/' }] } });
    const before = await redis.hget(keys.registry, 'p1');
    await registry().setState('p1', 'isolated');
    expect(await redis.hget(keys.registry, 'p1')).toBe(
      before?.replace('"state":"active"', '"state":"isolated"'),
    );
  });

  it('of the stream of results is refused where that is no stream, or the queue of another', async () => {
    await register();
    await register({ id: 'p2', queue: 'queue-2' });
    await redis.set('text', 'x');
    const change = async (results: string) => registry().change({ ...(await holder()), results });
    expect(await change('text')).toEqual({ kind: 'wrong_type', key: 'text', type: 'string' });
    expect(await change('queue-2')).toEqual({ kind: 'queue_taken', holder: 'p2' });
    expect((await holder()).results).toBe(keys.results);
    expect(await change('of my own')).toMatchObject({
      kind: 'changed',
      registration: { results: 'of my own' },
    });
  });

  it('of the state is made while the memory of Redis is full', async () => {
    await register();
    await redis.config('SET', 'maxmemory', '1');
    try {
      await expect(redis.set('anything', 'else')).rejects.toThrow(/^OOM/);
      expect(await registry().setState('p1', 'draining')).toMatchObject({ state: 'draining' });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
    expect((await holder()).state).toBe('draining');
  });

  it('of the state makes nobody alive whose lease has expired', async () => {
    await register();
    await redis.del(keys.health('p1'));
    await registry().setState('p1', 'draining');
    expect(await redis.exists(keys.health('p1'))).toBe(0);
  });

  it('of the state works on a registration that another program wrote', async () => {
    await register();
    const { state: _state, ...rest } = await holder();
    await redis.hset(keys.registry, 'p1', JSON.stringify({ ...rest, state: 'active' }, undefined, 2));
    expect(await registry().setState('p1', 'draining')).toMatchObject({ state: 'draining' });
    expect((await holder()).state).toBe('draining');
  });

  it('loses no other change that is made at the same time', async () => {
    await register();
    const former = await holder();
    await Promise.all([
      ...Array.from({ length: 10 }, () => registry().setState('p1', 'isolated')),
      ...Array.from({ length: 10 }, () => registry().change({ ...former, capacity: 9 })),
    ]);
    expect(await holder()).toMatchObject({ capacity: 9, state: 'isolated' });
  });
});

describe('a removal', () => {
  it('takes out only the run that is meant', async () => {
    await register({ instance_id: 'one' });
    expect(await registry().remove('p1', 'two')).toBeUndefined();
    expect((await registry().remove('p1', 'one'))?.id).toBe('p1');
    expect(await registry().remove('p1')).toBeUndefined();
  });
});

describe('half a surrogate pair, left where text was cut within a character', () => {
  const cut = 'cut \ud83d';
  const mended = 'cut \ufffd';

  it('does not keep a processor from its place', async () => {
    const outcome = await register({
      instance_id: cut,
      queue: `queue ${cut}`,
      completion: 'delete',
      metadata: { note: cut, [cut]: [cut] },
    });
    expect(outcome).toMatchObject({
      kind: 'registered',
      registration: { instance_id: mended, metadata: { note: mended, [mended]: [mended] } },
    });
    expect(await redis.exists(`queue ${mended}`)).toBe(1);
    expect(await registry().heartbeat({ processor_id: 'p1', instance_id: cut, status: cut })).toBe('alive');
    expect((await registry().get('p1'))?.health?.status).toBe(mended);
    expect((await register({ instance_id: 'another' })).kind).toBe('conflict');
    expect((await register({ id: 'p2', queue: `queue ${cut}` })).kind).toBe('queue_taken');
    expect(await registry().remove('p1', cut)).toMatchObject({ id: 'p1' });
  });

  it('in a change or a heartbeat does no harm', async () => {
    await register({ instance_id: 'one' });
    const { registration } = (await registry().get('p1'))!;
    expect(await registry().change({ ...registration, metadata: { note: cut } })).toMatchObject({
      registration: { metadata: { note: mended } },
    });
    const beat = { processor_id: 'p1', instance_id: 'one', metrics: { note: cut } };
    expect(await registry().heartbeat(beat)).toBe('alive');
    expect(await registry().remove('p1', 'one')).toMatchObject({ id: 'p1' });
  });

  it('in a registration of an older version is mended by its next change', async () => {
    await register({ instance_id: 'one' });
    const stored = (await redis.hget(keys.registry, 'p1'))!;
    await redis.hset(keys.registry, 'p1', stored.replace('{', '{"metadata":{"note":"\\ud83d"},'));
    await registry().setState('p1', 'draining');
    expect(await registry().heartbeat({ processor_id: 'p1', instance_id: 'one' })).toBe('alive');
  });
});

describe('rubbish in the registry', () => {
  it.each(['{"id":', '7', '[]', '{"id":"p1","instance_id":"x"}', '{"id":"p1","lease_ms":"long"}'])(
    'such as %s holds no id',
    async (rubbish) => {
      await redis.hset(keys.registry, 'p1', rubbish);
      await redis.set(keys.health('p1'), '{}', 'PX', 60_000);
      expect(await registry().list()).toEqual([]);
      expect(await registry().heartbeat({ processor_id: 'p1', instance_id: 'y' })).toBe('unknown');
      expect(await registry().setState('p1', 'draining')).toBeUndefined();
      expect((await register()).kind).toBe('registered');
    },
  );

  it('does not hide the others', async () => {
    await register();
    await redis.hset(keys.registry, 'rubbish', '{"id":');
    await redis.hset(keys.registry, 'p2', (await redis.hget(keys.registry, 'p1'))!);
    expect((await registry().list()).map(({ registration }) => registration.id)).toEqual(['p1']);
  });

  it('does not hold a queue', async () => {
    await redis.hset(keys.registry, 'rubbish', `{"id":"rubbish","queue":"${QUEUE}"}`);
    expect((await register()).kind).toBe('registered');
  });

  it.each(['alive, I think', '7', '{"status":1}', ''])(
    'in a heartbeat, such as "%s", is a sign of life and no more',
    async (rubbish) => {
      await register({ instance_id: 'one' });
      await redis.set(keys.health('p1'), rubbish, 'PX', LEASE_MS);
      expect((await registry().list())[0]?.health?.status).toBe('unreadable');
      expect((await register({ instance_id: 'two' })).kind).toBe('conflict');
    },
  );

  it('of another type in a heartbeat gives way to the next one', async () => {
    await register();
    await redis.del(keys.health('p1'));
    await redis.hset(keys.health('p1'), 'a', '1');
    expect((await registry().list())[0]?.health).toBeUndefined();
    expect(await registry().heartbeat({ processor_id: 'p1' })).toBe('alive');
    expect((await registry().list())[0]?.health?.status).toBe('healthy');
  });
});
