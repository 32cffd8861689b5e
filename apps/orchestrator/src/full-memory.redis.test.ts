/** A Redis whose memory is full refuses whatever may take more; what is under way must be finished all the same, which makes room. */
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeNotice, keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const MIB = 1024 * 1024;
const FRAMES = 500;
const AT_ONCE = 25;
const FRAME_BYTES = (4 * MIB) / FRAMES;
/** Until so much has been freed, the memory is full: three quarters of the frames. */
const EXCESS_BYTES = 3 * MIB;
let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
});
afterAll(() => scene.end());
afterEach(async () => {
  await scene.redis.config('SET', 'maxmemory', '0');
  await scene.clear();
});

const memory = async (figure: 'used_memory' | 'mem_clients_normal'): Promise<number> =>
  Number(new RegExp(`^${figure}:(\\d+)`, 'm').exec(await scene.redis.info('memory'))?.[1]);

/** Of the registry, from now on. */
async function changes(): Promise<{ readonly seen: string[]; end(): void }> {
  const listener = scene.redis.duplicate();
  const seen: string[] = [];
  listener.on('message', (_channel: string, message: string) => {
    const notice = decodeNotice(message);
    if (notice?.type === 'registry') seen.push(notice.change);
  });
  await listener.subscribe(keys.events);
  return { seen, end: () => listener.disconnect() };
}

it('a full memory is worked off: processors stay, orchestrators start, and every frame is finished', async () => {
  const orchestrator = await scene.orchestrate();
  const full = Promise.withResolvers<void>();
  const process = async () => {
    // Nothing is finished before the memory is full, and then it stays so for two leases.
    await full.promise;
    await sleep(50);
    return {};
  };
  await scene.join(orchestrator, 'slow', process, { concurrency: 4, leaseMs: 2_000 });
  const registry = await changes();
  const padding = 'x'.repeat(FRAME_BYTES);
  // All at once would leave a buffer as large as the frames themselves.
  for (let i = 0; i < FRAMES; i += AT_ONCE) await scene.publish(AT_ONCE, () => ({ padding }));
  await until(async () => (await memory('mem_clients_normal')) < MIB / 4, {
    what: 'buffers to be given back: what is full must be so of frames',
  });
  const limit = (await memory('used_memory')) - EXCESS_BYTES;
  await scene.redis.config('SET', 'maxmemory', String(limit));
  await expect(scene.redis.set('anything', 'else')).rejects.toThrow(/^OOM/);
  full.resolve();
  await scene.orchestrate();

  await scene.completed(FRAMES, 30_000);
  expect(registry.seen).toEqual([]);
  expect(await scene.books()).toMatchObject({ captured: FRAMES, unaccounted: 0 });
  await until(async () => (await memory('used_memory')) < limit, { what: 'the memory to be free again' });
  expect(await scene.redis.set('anything', 'else')).toBe('OK');
  registry.end();
}, 60_000);
