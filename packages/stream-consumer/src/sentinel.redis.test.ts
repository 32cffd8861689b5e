import { startSentinels, type SentinelSetup, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { createGroupReader } from './group-reader.ts';
import { createScene } from './test-support/scene.ts';

const TIMEOUT_MS = 60_000;
/** Sentinels can't be reached from outside of their containers under the addresses that they give. */
const local = process.env['TEST_REDIS'] === 'container' ? describe.skip : describe;

local('behind Sentinels', () => {
  let setup: SentinelSetup;
  let redis: Redis;
  beforeEach(async () => {
    setup = await startSentinels({ downAfterMs: 500 });
    redis = connectRedis(setup.url);
  }, TIMEOUT_MS);
  afterEach(async () => {
    redis.disconnect();
    await setup.stop();
  });

  const portOf = async (client: Redis): Promise<number> =>
    Number(/tcp_port:(\d+)/.exec(await client.info('server'))?.[1]);

  it(
    'a connection finds the primary, and the next one when it is killed',
    async () => {
      expect(await portOf(redis)).toBe(setup.primary.port);
      const reader = createGroupReader({
        connect: () => connectRedis(setup.url),
        group: 'g',
        consumer: 'c',
        streams: ['s'],
        blockMs: 100,
      });
      await redis.xgroup('CREATE', 's', 'g', '0', 'MKSTREAM');
      // Replicated before the primary dies.
      expect(await redis.wait(1, 5_000)).toBe(1);
      await reader.read(1);
      await setup.primary.kill();
      // Sent to nobody yet: it waits for the next primary.
      const added = redis.xadd('s', '*', 'n', '1');
      const seen: string[] = [];
      await until(
        async () => {
          seen.push((await reader.read(10)).kind);
          // In either order: the read that was under way may be sent again by the client, and bring it.
          return seen.includes('entries') && seen.includes('interrupted');
        },
        {
          what: 'the entry to be read from the next primary, and to be told of the break',
          deadlineMs: 30_000,
        },
      );
      await added;
      expect(await portOf(redis)).toBe(setup.replica.port);
      reader.close();
    },
    TIMEOUT_MS,
  );

  it(
    'a primary that stood still while it was replaced gets no writes of ours when it comes back',
    async () => {
      await redis.set('before', '1');
      await setup.primary.pause();
      // Answered by the next primary: this one can't.
      await redis.set('during', '1');
      await setup.primary.resume();
      for (let i = 0; i < 50; i++) await redis.incr('after');
      const heir = new Redis(setup.replica.url);
      expect(await heir.mget('during', 'after')).toEqual(['1', '50']);
      heir.disconnect();
    },
    TIMEOUT_MS,
  );

  it(
    'frames that were replicated are handed off once and finished, with the books balanced',
    async () => {
      const scene = createScene(redis);
      await scene.reset();
      const target = await scene.processor('p1');
      const entries = await scene.capture(20);
      await scene.give(entries.slice(0, 10), target);
      expect(await redis.wait(1, 5_000)).toBe(1);
      await setup.primary.kill();
      // All twenty once more: what was handed off before is refused.
      expect((await scene.give(entries, target)).outcomes.filter((each) => each === 'gone')).toHaveLength(10);
      const taken = await scene.take(target, 20);
      expect(taken).toHaveLength(20);
      await scene.finish(
        target,
        taken.map(({ id }) => id),
      );
      expect(await scene.books()).toMatchObject({ captured: 20, completed: 20, unaccounted: 0 });
    },
    TIMEOUT_MS,
  );
});
