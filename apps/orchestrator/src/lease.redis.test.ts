import { keyNames } from '@frame-buffer/models';
import { silentLogger } from '@frame-buffer/telemetry';
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createLease, LEASE_MS } from './lease.ts';

const keys = keyNames();
const KEY = keys.orchestrator('o1');
let server: RedisServer;
let redis: Redis;
let lapses: number;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  lapses = 0;
  await redis.flushall();
});

const lease = () =>
  createLease({
    client: redis,
    keys,
    orchestratorId: 'o1',
    onLapse: () => lapses++,
    logger: silentLogger,
  });

describe('an orchestrator’s lease', () => {
  it('says who holds it, runs out by itself, and goes when it is given up', async () => {
    await lease().take();
    expect(JSON.parse((await redis.get(KEY)) ?? '')).toMatchObject({ id: 'o1', pid: process.pid });
    expect(await redis.pttl(KEY)).toBeGreaterThan(LEASE_MS - 1_000);
    await lease().release();
    expect(await redis.exists(KEY)).toBe(0);
  });

  it('is that of the run that took it last', async () => {
    await redis.set(KEY, 'of a former run');
    await lease().take();
    expect(JSON.parse((await redis.get(KEY)) ?? '')).toMatchObject({ pid: process.pid });
  });

  it('is told to have lapsed where it had ended before it was renewed', async () => {
    const held = lease();
    await held.take();
    await held.take();
    expect(lapses).toBe(0);
    await redis.del(KEY);
    await held.take();
    expect(lapses).toBe(1);
  });

  describe('while the memory of Redis is full', () => {
    beforeEach(() => redis.config('SET', 'maxmemory', '1'));
    afterEach(() => redis.config('SET', 'maxmemory', '0'));

    it('is taken', async () => {
      await expect(redis.set('anything', 'else')).rejects.toThrow(/^OOM/);
      await lease().take();
      expect(await redis.pttl(KEY)).toBeGreaterThan(LEASE_MS - 1_000);
    });

    it('is renewed', async () => {
      const held = lease();
      await held.take();
      await redis.pexpire(KEY, 1_000);
      await held.take();
      expect(await redis.pttl(KEY)).toBeGreaterThan(LEASE_MS - 1_000);
      expect(lapses).toBe(0);
    });
  });
});
