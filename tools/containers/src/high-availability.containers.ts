/** docker/compose.ha.yaml: the Redis primary and an orchestrator are killed at once while a camera captures. */
import { randomInt } from 'node:crypto';
import { keyNames } from '@frame-buffer/models';
import { connectRedis } from '@frame-buffer/stream-consumer';
import { until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { docker } from './docker.ts';
import { booksOf, isSettled, publish, resultsOf } from './frames.ts';
import { type Stack, startStack } from './stack.ts';

const FRAMES = 200;
const REPLICAS = 2;
const keys = keyNames();

let stack: Stack;
let network: string;
let redis: Redis;

beforeAll(async () => {
  network = `172.30.${randomInt(80, 250)}`;
  stack = await startStack(['compose.yaml', 'compose.ha.yaml'], { HA_NETWORK: network });
  const sentinels = [21, 22, 23].map((host) => `${network}.${host}:26379`).join(',');
  redis = connectRedis(`redis-sentinel://${sentinels}/mymaster`);
});
afterAll(async () => {
  redis?.disconnect();
  await stack?.remove();
});

/** A primary that was just promoted refuses frames until a replica follows it: a publisher asks again. */
async function publishAll(series: string): Promise<string[]> {
  const ids = Array.from({ length: FRAMES }, (_none, i) => `${series}-${i}`);
  for (const id of ids)
    await until(() => publish(redis, id), { what: `${id} to be taken`, deadlineMs: 60_000 });
  return ids;
}

const allDone = (ids: readonly string[]): Promise<boolean> =>
  until(
    async () => {
      const results = new Set(await resultsOf(redis));
      return ids.every((id) => results.has(id));
    },
    {
      what: `all of ${ids[0]}... to be done`,
      deadlineMs: 90_000,
      everyMs: 250,
    },
  );

it('loses no frame that was replicated when the primary and an orchestrator are killed, and the books balance', async () => {
  await until(async () => (await redis.xlen(keys.results)) > 20, {
    what: 'pictures of the camera to be done',
    deadlineMs: 60_000,
  });
  const before = await publishAll('before');
  // Replicated: what was acknowledged and isn't would be lost with the primary.
  expect(await redis.wait(REPLICAS, 10_000)).toBe(REPLICAS);
  // Compose leaves alone what is killed so.
  await docker('kill', await stack.container('redis'), await stack.container('orchestrator'));

  // Waits for the next primary.
  const after = await publishAll('after');
  expect([`${network}.12`, `${network}.13`]).toContain(await primaryNow());
  await allDone([...before, ...after]);

  await stack.stop('capture');
  await until(() => isSettled(redis), { what: 'everything to be settled', deadlineMs: 60_000 });
  expect(await booksOf(redis)).toMatchObject({ deadLettered: 0, shed: 0, lostUpstream: 0, unaccounted: 0 });
});

/** Address of whom the first Sentinel calls the primary. */
async function primaryNow(): Promise<string> {
  const sentinel = new Redis(26_379, `${network}.21`);
  const [host] = (await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'mymaster')) as [string, string];
  sentinel.disconnect();
  return host;
}
