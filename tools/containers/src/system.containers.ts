/** The images that are built from this checkout, as they would run: killed, paused, cut off, and no frame lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type ContainerSystem, startContainerSystem } from './container-system.ts';
import { docker } from './docker.ts';
import { booksOf, publish, resultsOf } from './frames.ts';
import { imagesOf, testedTag } from './images.ts';

const FPS = 50;
/** Longer than the leases of a processor and of an orchestrator: those that are silent are declared dead. */
const SILENCE_MS = 9_000;
const SETTLED_MS = 40_000;
const keys = keyNames();

const images = imagesOf(testedTag());
let system: ContainerSystem;
let redis: Redis;
let published: number;
let publishing: Promise<void>;
let ending: AbortController;

async function publishUntil(signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const id = `frame-${published}`;
    await publish(redis, id);
    published++;
    await sleep(1000 / FPS, undefined, { signal }).catch(() => {});
  }
}

beforeEach(async () => {
  system = await startContainerSystem(images);
  redis = new Redis(system.redisUrl);
  published = 0;
  ending = new AbortController();
  publishing = publishUntil(ending.signal);
});
afterEach(async () => {
  ending.abort();
  await publishing;
  redis.disconnect();
  await system.remove();
});

/** Some more results than there are now. */
async function framesFlow(): Promise<void> {
  const before = await redis.xlen(keys.results);
  await until(async () => (await redis.xlen(keys.results)) >= before + FPS, {
    what: 'frames to flow',
    deadlineMs: SETTLED_MS,
  });
}

/** Ends the publishing and waits until every frame has its result: each one, none twice, and the books balance. */
async function everyFrameOnce(): Promise<void> {
  ending.abort();
  await publishing;
  await until(async () => (await booksOf(redis))?.completed === published, {
    what: `all ${published} frames to be completed`,
    deadlineMs: SETTLED_MS,
  });
  const ids = await resultsOf(redis);
  expect(ids).toHaveLength(published);
  expect(new Set(ids).size).toBe(published);
  expect(await booksOf(redis)).toMatchObject({
    captured: published,
    completed: published,
    deadLettered: 0,
    unaccounted: 0,
  });
}

describe('no frame is lost and none is done twice', () => {
  it('when an orchestrator and a processor are killed and started again', async () => {
    await framesFlow();
    await system.kill(system.orchestrators[0]!);
    await system.kill(system.processors[0]!);
    await sleep(SILENCE_MS);
    await system.start(system.orchestrators[0]!);
    await system.start(system.processors[0]!);
    await framesFlow();
    await everyFrameOnce();
  });

  it('when an orchestrator and a processor stand still for longer than their leases', async () => {
    await framesFlow();
    await system.pause(system.orchestrators[1]!);
    await system.pause(system.processors[1]!);
    await sleep(SILENCE_MS);
    await system.resume(system.processors[1]!);
    await system.resume(system.orchestrators[1]!);
    await framesFlow();
    await everyFrameOnce();
  });

  it('when an orchestrator and a processor are cut off from the network, and come back', async () => {
    await framesFlow();
    await system.cutOff(system.processors[2]!);
    await system.cutOff(system.orchestrators[1]!);
    await sleep(SILENCE_MS);
    await system.connect(system.processors[2]!);
    await system.connect(system.orchestrators[1]!);
    await framesFlow();
    await everyFrameOnce();
  });

  it('when everything is stopped in order, which ends each with 0', async () => {
    await framesFlow();
    expect(await Promise.all(system.processors.slice(1).map(system.stop))).toEqual([0, 0]);
    expect(await system.stop(system.orchestrators[1]!)).toBe(0);
    await everyFrameOnce();
  });
});

describe('an image', () => {
  it.each(['orchestrator', 'sample-processor', 'capture'] as const)(
    '%s runs as nobody special, from dist, with nothing that is for development',
    async (name) => {
      const shell = (script: string): Promise<string> =>
        docker('run', '--rm', '--entrypoint', 'sh', images[name], '-c', script);
      expect(await shell('id -u')).not.toBe('0');
      expect(
        await shell('ls node_modules | grep -xE "typescript|jest|nx|eslint|node|testcontainers" || true'),
      ).toBe('');
      expect(await shell('find apps packages tools -name "*.ts" | head -n 1')).toBe('');
      expect(await docker('inspect', '--format', '{{json .Config.Labels}}', images[name])).toContain(
        'org.opencontainers.image.title',
      );
    },
  );
});
