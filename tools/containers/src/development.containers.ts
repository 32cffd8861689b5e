/** docker/compose.dev.yaml: what runs is the source of this checkout, mounted into the base of the images. */
import { keyNames } from '@frame-buffer/models';
import { connectRedis } from '@frame-buffer/stream-consumer';
import { until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { docker } from './docker.ts';
import { buildBase } from './images.ts';
import { type Stack, startStack } from './stack.ts';

const keys = keyNames();

let stack: Stack;
let redis: Redis;

beforeAll(async () => {
  await buildBase();
  stack = await startStack(['compose.yaml', 'compose.dev.yaml']);
  redis = connectRedis(stack.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await stack?.remove();
});

it('brings pictures through to results with the sources of this checkout', async () => {
  await until(async () => (await redis.xlen(keys.results)) > 0, { what: 'a result', deadlineMs: 60_000 });
  for (const service of ['orchestrator', 'processor'])
    expect(await docker('top', await stack.container(service))).toMatch(/\/src\/main\.ts/);
});
