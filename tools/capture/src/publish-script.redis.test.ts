import { type RedisServer, startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Publication, publish } from './publish-script.ts';

describe('publish', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  beforeEach(() => redis.flushall());
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const publication: Publication = {
    key: 'frames:pixels:door-1',
    content: Buffer.from([0xff, 0xd8, 0x00, 0xff]),
    ttlMs: 30_000,
    stream: 'frames:metadata',
    record: { frame_id: 'door-1', camera_id: 'door' },
  };

  it('stores the picture, byte for byte and with its expiry, and the record', async () => {
    await publish(redis, publication);
    expect(await redis.getBuffer('frames:pixels:door-1')).toEqual(publication.content);
    expect(await redis.pttl('frames:pixels:door-1')).toBeGreaterThan(29_000);
    const entries = await redis.xrange('frames:metadata', '-', '+');
    expect(entries.map(([, fields]) => fields)).toEqual([['frame_id', 'door-1', 'camera_id', 'door']]);
  });

  it('publishes once when it is sent twice', async () => {
    await publish(redis, publication);
    await publish(redis, publication);
    expect(await redis.xlen('frames:metadata')).toBe(1);
  });

  it('works on a server that has forgotten the script', async () => {
    await publish(redis, publication);
    await redis.script('FLUSH');
    await publish(redis, { ...publication, key: 'frames:pixels:door-2' });
    expect(await redis.xlen('frames:metadata')).toBe(2);
  });

  it('rejects with what Redis says', async () => {
    await redis.set('frames:metadata', 'not a stream');
    await expect(publish(redis, publication)).rejects.toThrow('WRONGTYPE');
  });
});
