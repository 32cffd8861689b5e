import { decodeNotice, keyNames, type RegistrationRequest } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createRegistry, SEEN_ALIVE_MS } from './registry.ts';

const keys = keyNames();
let server: RedisServer;
let redis: Redis;
let nowMs: number;
const clock = () => nowMs;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  nowMs = Date.now();
  await redis.flushall();
});

const registry = () => createRegistry({ client: redis, keys, clock });
const request = (overrides: Partial<RegistrationRequest> = {}): RegistrationRequest => ({
  id: 'p1',
  capabilities: ['detect'],
  capacity: 4,
  ...overrides,
});

describe('a registration', () => {
  it('is complete, and its queue and group exist', async () => {
    const outcome = await registry().register(request());
    expect(outcome).toMatchObject({
      kind: 'registered',
      replaced: undefined,
      registration: {
        queue: 'frames:ready:p1',
        group: 'frame-processors',
        completion: 'acknowledge',
        state: 'active',
        lease_ms: 90_000,
      },
    });
    expect((await redis.xinfo('GROUPS', 'frames:ready:p1')) as unknown[]).toHaveLength(1);
  });

  it('is refused while another run was seen alive', async () => {
    await registry().register(request({ instance_id: 'one' }));
    nowMs += SEEN_ALIVE_MS - 1;
    expect(await registry().register(request({ instance_id: 'two' }))).toMatchObject({
      kind: 'conflict',
      holder: { instance_id: 'one' },
    });
  });

  it('is refused while another run reads its queue', async () => {
    await registry().register(request({ instance_id: 'one' }));
    nowMs += 10 * SEEN_ALIVE_MS;
    // Redis 7.0 knows a consumer only once it got something.
    await redis.xadd('frames:ready:p1', '*', 'frame_id', 'f1');
    await redis.xreadgroup('GROUP', 'frame-processors', 'one', 'COUNT', 1, 'STREAMS', 'frames:ready:p1', '>');
    expect((await registry().register(request({ instance_id: 'two' }))).kind).toBe('conflict');
  });

  it('replaces a run that was silent', async () => {
    await registry().register(request({ instance_id: 'one' }));
    nowMs += SEEN_ALIVE_MS + 1;
    expect(await registry().register(request({ instance_id: 'two' }))).toMatchObject({
      kind: 'registered',
      replaced: { instance_id: 'one' },
    });
  });

  it('replaces any run with takeover, and its own always', async () => {
    await registry().register(request({ instance_id: 'one' }));
    expect((await registry().register(request({ instance_id: 'one' }))).kind).toBe('registered');
    expect((await registry().register(request({ instance_id: 'two', takeover: true }))).kind).toBe(
      'registered',
    );
  });

  it('succeeds for exactly one of two runs at once', async () => {
    const outcomes = await Promise.all(
      ['one', 'two'].map((instance_id) => registry().register(request({ instance_id }))),
    );
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(['conflict', 'registered']);
  });

  it('is announced', async () => {
    const listener = redis.duplicate();
    const notices: unknown[] = [];
    listener.on('message', (_channel, message) => notices.push(decodeNotice(message)));
    await listener.subscribe(keys.events);
    await registry().register(request());
    await until(() => notices.length > 0, { what: 'the notice' });
    expect(notices).toEqual([{ type: 'registry', processor_id: 'p1', change: 'registered' }]);
    listener.disconnect();
  });
});

describe('a heartbeat', () => {
  it('renews the lease of the run that holds the id', async () => {
    await registry().register(request({ instance_id: 'one', lease_ms: 60_000 }));
    await redis.pexpire(keys.health('p1'), 1_000);
    expect(await registry().heartbeat({ processor_id: 'p1', instance_id: 'one', status: 'busy' })).toBe(
      'alive',
    );
    expect(await redis.pttl(keys.health('p1'))).toBeGreaterThan(50_000);
    expect((await registry().get('p1'))?.health).toMatchObject({ status: 'busy', received_at_ms: nowMs });
  });

  it('of a stranger or a replaced run renews nothing', async () => {
    expect(await registry().heartbeat({ processor_id: 'p1' })).toBe('unknown');
    await registry().register(request({ instance_id: 'one' }));
    expect(await registry().heartbeat({ processor_id: 'p1', instance_id: 'two' })).toBe('replaced');
  });
});

describe('death', () => {
  /** Looks twice a second, as an orchestrator does, until so much time has passed. */
  async function watch(watcher: ReturnType<typeof registry>, ms: number): Promise<string[]> {
    const dead: string[] = [];
    for (let passed = 0; passed < ms; passed += 500) {
      nowMs += 500;
      for (const { registration } of await watcher.removeDead()) dead.push(registration.id);
    }
    return dead;
  }

  it('is an expired lease, and is reported once, to one of all who look', async () => {
    const watchers = [registry(), registry()];
    await registry().register(request({ lease_ms: 2_000 }));
    for (const watcher of watchers) await watch(watcher, 3_000);
    await redis.del(keys.health('p1'));
    const deaths = (await Promise.all(watchers.map((watcher) => watcher.removeDead()))).flat();
    expect(deaths.map(({ registration }) => registration.id)).toEqual(['p1']);
    expect(await registry().get('p1')).toBeUndefined();
  });

  it('is not concluded by one who could not hear for a whole lease', async () => {
    await registry().register(request({ lease_ms: 2_000 }));
    await redis.del(keys.health('p1'));
    const watcher = registry();
    expect(await watch(watcher, 1_500)).toEqual([]);
    expect(await watch(watcher, 1_000)).toEqual(['p1']);
  });

  it('is not delayed by a newcomer for those who could hear', async () => {
    const watcher = registry();
    await registry().register(request({ lease_ms: 2_000 }));
    await watch(watcher, 3_000);
    await redis.del(keys.health('p1'));
    expect(await registry().removeDead()).toEqual([]);
    expect(await watcher.removeDead()).toHaveLength(1);
  });

  it('spares everyone once more after a gap', async () => {
    await registry().register(request({ lease_ms: 2_000 }));
    const watcher = registry();
    await watch(watcher, 3_000);
    nowMs += 60_000;
    await redis.del(keys.health('p1'));
    expect(await watcher.removeDead()).toEqual([]);
  });
});

describe('the registry', () => {
  it('changes a state and nothing else', async () => {
    await registry().register(request({ formats: [], metadata: { empty: [], nothing: {} } }));
    const before = (await registry().get('p1'))?.registration;
    expect(await registry().setState('p1', 'draining')).toEqual({ ...before, state: 'draining' });
    expect(await registry().setState('nobody', 'draining')).toBeUndefined();
  });

  it('removes only the run that is meant', async () => {
    await registry().register(request({ instance_id: 'one' }));
    expect(await registry().remove('p1', 'two')).toBeUndefined();
    expect((await registry().remove('p1', 'one'))?.id).toBe('p1');
    expect(await registry().remove('p1')).toBeUndefined();
  });

  it('lists what can be read beside rubbish', async () => {
    await registry().register(request());
    await redis.hset(keys.registry, 'rubbish', '{"id":');
    await redis.hset(keys.registry, 'stranger', '{"id":"stranger"}');
    await redis.set(keys.health('p1'), 'alive, I think');
    const all = await registry().list();
    expect(all.map(({ registration, health }) => [registration.id, health?.status])).toEqual([
      ['p1', 'unreadable'],
    ]);
  });
});
