import { type CameraAdvice, keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { type AdviceOptions, publishAdvice } from './advice.ts';
import { connectRedis } from './connection.ts';

const keys = keyNames();
const options = (by: string, change: Partial<AdviceOptions> = {}): AdviceOptions => ({
  keys,
  by,
  leaseMs: 60_000,
  expiryMs: 60_000,
  ...change,
});
const advice = (...cameras: string[]) =>
  new Map(
    cameras.map((camera): [string, CameraAdvice] => [
      camera,
      { frames_per_second: 5, level: 2, limited_by: 'detect', at: '2026-01-31T12:00:00Z' },
    ]),
  );

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const cameras = async (): Promise<string[]> => (await redis.hkeys(keys.advisedRates)).toSorted();

describe('publishing advice', () => {
  it('replaces what was advised before, with an expiry', async () => {
    expect(await publishAdvice(redis, advice('a', 'b'), options('o1'))).toBe('published');
    expect(await publishAdvice(redis, advice('b', 'c'), options('o1'))).toBe('published');
    expect(await cameras()).toEqual(['b', 'c']);
    expect(await redis.pttl(keys.advisedRates)).toBeGreaterThan(50_000);
    expect(await publishAdvice(redis, new Map(), options('o1'))).toBe('published');
    expect(await cameras()).toEqual([]);
  });

  it('is for one orchestrator, until its lease has ended', async () => {
    await publishAdvice(redis, advice('a'), options('o1', { leaseMs: 200 }));
    expect(await publishAdvice(redis, advice('b'), options('o2'))).toBe('not_advisor');
    expect(await publishAdvice(redis, undefined, options('o2'))).toBe('not_advisor');
    expect(await cameras()).toEqual(['a']);
    await until(async () => (await publishAdvice(redis, advice('b'), options('o2'))) === 'published', {
      what: 'the lease to end',
    });
    expect(await cameras()).toEqual(['b']);
    expect(await publishAdvice(redis, advice('a'), options('o1'))).toBe('not_advisor');
  });

  it('is renewed without being sent again, and ends when it is not', async () => {
    await publishAdvice(redis, advice('a'), options('o1', { expiryMs: 60_000 }));
    expect(await publishAdvice(redis, undefined, options('o1', { expiryMs: 100 }))).toBe('published');
    expect(await cameras()).toEqual(['a']);
    await until(async () => (await cameras()).length === 0, { what: 'the advice to end' });
    expect(await publishAdvice(redis, undefined, options('o1'))).toBe('gone');
  });

  it('is announced when it changes, and only then', async () => {
    const heard: string[] = [];
    const hints = redis.duplicate();
    hints.on('message', (_channel: string, message: string) => void heard.push(message));
    await hints.subscribe(keys.events);
    await publishAdvice(redis, advice('a'), options('o1'));
    await publishAdvice(redis, undefined, options('o1'));
    await redis.publish(keys.events, 'end');
    await until(() => heard.includes('end'), { what: 'the end' });
    hints.disconnect();
    expect(heard).toEqual(['{"type":"advice"}', 'end']);
  });
});
