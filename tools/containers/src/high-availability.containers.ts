/** docker/compose.ha.yaml: the Redis primary and an orchestrator are killed at once while a camera captures. */
import { randomBytes, randomInt } from 'node:crypto';
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { connectRedis, readBooks, recordOf } from '@frame-buffer/stream-consumer';
import { freePort, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createStack, type Stack } from './compose.ts';
import { environment } from './environment.ts';

const TIMEOUT_MS = 300_000;
const FRAMES = 200;
const REPLICAS = 2;
const keys = keyNames();

let stack: Stack;
let network: string;
let redis: Redis;

beforeAll(async () => {
  network = `172.30.${randomInt(80, 250)}`;
  stack = await createStack({
    name: `frame-buffer-ha-${randomBytes(3).toString('hex')}`,
    files: ['compose.yaml', 'compose.ha.yaml'],
    env: {
      FRAME_BUFFER_VERSION: environment().imageTag ?? 'test',
      HA_NETWORK: network,
      REDIS_PUBLISHED_PORT: String(await freePort()),
      ORCHESTRATOR_PUBLISHED_PORT: String(await freePort()),
    },
  });
  await stack.up();
  const sentinels = [21, 22, 23].map((host) => `${network}.${host}:26379`).join(',');
  redis = connectRedis(`redis-sentinel://${sentinels}/mymaster`);
}, TIMEOUT_MS);
afterAll(async () => {
  redis?.disconnect();
  await stack?.remove();
}, TIMEOUT_MS);

/** A primary that was just promoted refuses frames until a replica follows it: a publisher asks again. */
async function publish(series: string): Promise<string[]> {
  const ids = Array.from({ length: FRAMES }, (_none, i) => `${series}-${i}`);
  for (const id of ids) {
    const fields = ['frame_id', id, 'camera_id', 'c', 'detection_type', 'sample_processing'];
    await until(() => redis.xadd(keys.input, '*', ...fields), {
      what: `${id} to be taken`,
      deadlineMs: 60_000,
    });
  }
  return ids;
}

const books = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))?.books;
const done = async (): Promise<ReadonlySet<string | undefined>> =>
  new Set((await redis.xrange(keys.results, '-', '+')).map(([, flat]) => recordOf(flat)['frame_id']));
const allDone = (ids: readonly string[]): Promise<boolean> =>
  until(
    async () => {
      const results = await done();
      return ids.every((id) => results.has(id));
    },
    {
      what: `all of ${ids[0]}... to be done`,
      deadlineMs: 90_000,
      everyMs: 250,
    },
  );

it(
  'loses no frame that was replicated when the primary and an orchestrator are killed, and the books balance',
  async () => {
    await until(async () => (await redis.xlen(keys.results)) > 20, {
      what: 'pictures of the camera to be done',
      deadlineMs: 60_000,
    });
    const before = await publish('before');
    // Replicated: what was acknowledged and isn't would be lost with the primary.
    expect(await redis.wait(REPLICAS, 10_000)).toBe(REPLICAS);
    const [primary] = await stack.containers('redis');
    const [orchestrator] = await stack.containers('orchestrator');
    await Promise.all([stack.kill(primary!), stack.kill(orchestrator!)]);

    // Waits for the next primary.
    const after = await publish('after');
    expect([`${network}.12`, `${network}.13`]).toContain(await primaryNow());
    await allDone([...before, ...after]);

    await stack.stop('capture');
    const settled = async (): Promise<boolean> => {
      const now = await books();
      return now !== undefined && now.unread + now.pendingInput + now.waitingRetry + now.outstanding === 0;
    };
    await until(settled, { what: 'everything to be settled', deadlineMs: 60_000 });
    expect(await books()).toMatchObject({ deadLettered: 0, shed: 0, lostUpstream: 0, unaccounted: 0 });
  },
  TIMEOUT_MS,
);

/** Address of whom the first Sentinel calls the primary. */
async function primaryNow(): Promise<string> {
  const sentinel = new Redis(26_379, `${network}.21`);
  const [host] = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')) as [string, string];
  sentinel.disconnect();
  return host;
}
