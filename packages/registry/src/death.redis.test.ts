/** Who is called dead, by whom, and who is spared. */
import { setTimeout as sleep } from 'node:timers/promises';
import { keyNames, type RegistrationRequest } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createRegistry, type Registry } from './registry.ts';

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
  lease_ms: 2_000,
  ...overrides,
});

/** Looks twice a second, as an orchestrator does, until so much time of the test's own clock has passed. */
async function watch(watcher: Registry, ms: number): Promise<string[]> {
  const dead: string[] = [];
  for (let passed = 0; passed < ms; passed += 500) {
    nowMs += 500;
    for (const { registration } of await watcher.removeDead()) dead.push(registration.id);
  }
  return dead;
}
const expire = (id = 'p1') => redis.del(keys.health(id));

/** A watcher that has listened for longer than any lease here. */
async function seasoned(): Promise<Registry> {
  const watcher = registry();
  await watch(watcher, 5_000);
  return watcher;
}

describe('a death', () => {
  it('is a lease that has expired, and nothing else', async () => {
    const watcher = await seasoned();
    await registry().register(request());
    expect(await watcher.removeDead()).toEqual([]);
    await expire();
    expect(await watcher.removeDead()).toMatchObject([{ registration: { id: 'p1' } }]);
    expect(await registry().get('p1')).toBeUndefined();
  });

  it('is reported once, to one of all who look', async () => {
    const ids = Array.from({ length: 20 }, (_none, i) => `p${i}`);
    const watchers = [await seasoned(), registry(), registry()];
    // All listen at the same time.
    for (let i = 0; i < 6; i++) {
      nowMs += 500;
      for (const watcher of watchers) await watcher.removeDead();
    }
    for (const id of ids) await registry().register(request({ id }));
    for (const id of ids) await expire(id);
    const deaths = (await Promise.all(watchers.map((watcher) => watcher.removeDead()))).flat();
    expect(deaths.map(({ registration }) => registration.id).toSorted()).toEqual(ids.toSorted());
  });

  it('of one who came back in between is none', async () => {
    const watcher = await seasoned();
    await registry().register(request({ instance_id: 'one' }));
    await expire();
    await registry().register(request({ instance_id: 'two' }));
    const [, deaths] = await Promise.all([
      registry().register(request({ instance_id: 'two' })),
      watcher.removeDead(),
    ]);
    expect(deaths).toEqual([]);
    expect((await registry().get('p1'))?.registration.instance_id).toBe('two');
  });

  it('of one whose heartbeat comes at the last moment is none', async () => {
    const late = Object.create(redis, {
      eval: {
        value: async (script: string, count: number, ...args: string[]) => {
          await registry().heartbeat({ processor_id: 'p1' });
          return redis.eval(script, count, ...args);
        },
      },
    }) as Redis;
    const watcher = createRegistry({ client: late, keys, clock });
    await watch(watcher, 5_000);
    await registry().register(request());
    await expire();
    expect(await watcher.removeDead()).toEqual([]);
    expect(await registry().get('p1')).toBeDefined();
  });

  it('is not lost where Redis goes away while the next one is buried', async () => {
    let buried = 0;
    const broken = Object.create(redis, {
      eval: {
        value: (script: string, count: number, ...args: string[]) =>
          buried++ === 0 ? redis.eval(script, count, ...args) : Promise.reject(new Error('gone')),
      },
    }) as Redis;
    const watcher = createRegistry({ client: broken, keys, clock });
    await watch(watcher, 5_000);
    for (const id of ['p1', 'p2']) await registry().register(request({ id }));
    for (const id of ['p1', 'p2']) await expire(id);
    expect(await watcher.removeDead()).toHaveLength(1);
    await expect(watcher.removeDead()).rejects.toThrow('gone');
  });
});

describe('nobody is called dead', () => {
  it('whose heartbeats come while the memory of Redis is full', async () => {
    const watcher = await seasoned();
    for (const id of ['p1', 'p2']) await registry().register(request({ id }));
    await expire('p2');
    await redis.config('SET', 'maxmemory', '1');
    try {
      await expect(redis.set('anything', 'else')).rejects.toThrow(/^OOM/);
      await redis.pexpire(keys.health('p1'), 100);
      for (const processor_id of ['p1', 'p2'])
        expect(await registry().heartbeat({ processor_id, status: 'busy' })).toBe('alive');
      expect(await redis.pttl(keys.health('p1'))).toBeGreaterThan(1_000);
      expect(await watcher.removeDead()).toEqual([]);
      expect((await registry().list()).map(({ health }) => health?.status)).toEqual(['busy', 'busy']);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });

  it('by one who has not listened for a whole lease', async () => {
    await registry().register(request());
    await expire();
    const watcher = registry();
    expect(await watch(watcher, 1_500)).toEqual([]);
    expect(await watch(watcher, 1_000)).toEqual(['p1']);
  });

  it('by a newcomer, who delays nobody that could hear', async () => {
    const watcher = await seasoned();
    await registry().register(request());
    await expire();
    expect(await registry().removeDead()).toEqual([]);
    expect(await watcher.removeDead()).toHaveLength(1);
  });

  it('for one lease after a gap between two looks', async () => {
    const watcher = await seasoned();
    await registry().register(request());
    await expire();
    nowMs += 60_000;
    expect(await watcher.removeDead()).toEqual([]);
    expect(await watch(watcher, 1_500)).toEqual([]);
    expect(await watch(watcher, 500)).toEqual(['p1']);
  });

  it('for a gap that matters to his lease, while one with a long lease is judged as ever', async () => {
    const watcher = await seasoned();
    await watch(watcher, 30_000);
    for (const [id, lease_ms] of [
      ['short', 2_000],
      ['long', 30_000],
    ] as const) {
      await registry().register(request({ id, lease_ms }));
      await expire(id);
    }
    nowMs += 1_500;
    expect((await watcher.removeDead()).map(({ registration }) => registration.id)).toEqual(['long']);
  });

  it('where the clock is set back', async () => {
    const watcher = await seasoned();
    await registry().register(request());
    await expire();
    nowMs -= 3_600_000;
    expect(await watcher.removeDead()).toEqual([]);
    expect(await watch(watcher, 2_500)).toEqual(['p1']);
  });

  it('after Redis stood still for longer than his lease', async () => {
    const watcher = createRegistry({ client: redis, keys });
    const dead: string[] = [];
    const ending = new AbortController();
    const looking = (async () => {
      while (!ending.signal.aborted) {
        for (const { registration } of await watcher.removeDead()) dead.push(registration.id);
        await sleep(100, undefined, { signal: ending.signal }).catch(() => {});
      }
    })();
    const startedMs = performance.now();
    const beat = () => registry().heartbeat({ processor_id: 'p1' });
    await registry().register(request({ lease_ms: 1_000 }));
    // It has listened for a whole lease, so it would judge.
    await until(async () => (await beat()) === 'alive' && performance.now() - startedMs > 1_500, {
      what: 'the watcher to have listened',
    });
    await server.pause();
    await sleep(2_000);
    await server.resume();
    await until(async () => (await redis.exists(keys.health('p1'))) === 0, { what: 'the lease to expire' });
    await until(async () => (await beat()) === 'alive', { what: 'its next heartbeat' });
    expect(dead).toEqual([]);
    // And then it is judged again.
    await until(() => dead.length > 0, { what: 'its death for silence' });
    ending.abort();
    await looking;
  });
});
