/** One capability that stands still must not hold up another. */
import { inFlight, keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const OBJECTS = 300;
const FACES = 900;
/** A fifth of the room for each, so that the faces that stand still are more than it holds. */
const ENV = { MAX_WAITING_FRAMES: '200', WAITING_PER_CAPABILITY: '40', SILENT_QUEUE_MS: '60000' };

/** ms until all frames for objects are done, each taking a few, while three times as many ask for the others. */
async function objectsTakeMs(
  work: () => Promise<void>,
  others: readonly string[],
  env: Record<string, string>,
): Promise<number> {
  const orchestrator = await scene.orchestrate(env);
  let done = 0;
  for (const name of others)
    await scene.join(orchestrator, name, work, { capabilities: [name], concurrency: 8 });
  await scene.join(
    orchestrator,
    'objects',
    async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      done++;
    },
    { capabilities: ['object'], concurrency: 4 },
  );
  const startMs = performance.now();
  const otherOf = (i: number): string => others[i % others.length] ?? 'face';
  await scene.publish(OBJECTS + FACES, (i) => ({ detection_type: i % 4 === 0 ? 'object' : otherOf(i) }));
  await until(() => done === OBJECTS, { what: 'all objects', deadlineMs: 15_000 });
  return performance.now() - startMs;
}

const MAX_SLOWDOWN = 1.05;
const TRIES = 4;
const TRIES_MS = 60_000;

/**
 * How much longer objects take beside others that stand still: the least of a few pairs. What else this machine does makes one of them slower, a
 * pool that holds up another all of them. The last pair's system goes on, and its others when they are told to.
 */
async function slowdown(
  others: readonly string[],
  env: Record<string, string>,
): Promise<{ ratio: number; goOn: () => void }> {
  for (let tries = 1; ; tries++) {
    const aloneMs = await objectsTakeMs(async () => {}, others, ENV);
    await scene.completed(OBJECTS + FACES);
    await scene.clear();
    const goesOn = Promise.withResolvers<void>();
    const besideMs = await objectsTakeMs(() => goesOn.promise, others, env);
    const ratio = besideMs / aloneMs;
    if (ratio < MAX_SLOWDOWN || tries === TRIES) return { ratio, goOn: goesOn.resolve };
    goesOn.resolve();
    await scene.clear();
  }
}

describe('a pool that stands still', () => {
  it(
    'does not slow another, and its frames are done when it goes on, in their order',
    async () => {
      const { ratio, goOn } = await slowdown(['face'], ENV);
      expect(ratio).toBeLessThan(MAX_SLOWDOWN);
      await scene.completed(OBJECTS);
      expect(await scene.books()).toMatchObject({ captured: OBJECTS + FACES, unaccounted: 0 });
      goOn();
      await scene.completed(OBJECTS + FACES);
      const results = await scene.entries(keys.results);
      expect(new Set(results.map(({ frame_id }) => frame_id)).size).toBe(OBJECTS + FACES);
      expect(await scene.books()).toMatchObject({ completed: OBJECTS + FACES, unaccounted: 0 });
    },
    TRIES_MS,
  );

  it(
    'does not slow another, however many there are: each has a share of the room',
    async () => {
      const standing = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
      const shedding = { ...ENV, SHEDDING_POLICY: 'b=drop_oldest,d=drop_oldest,f=drop_oldest' };
      const { ratio, goOn } = await slowdown(standing, shedding);
      expect(ratio).toBeLessThan(MAX_SLOWDOWN);
      goOn();
      const isOver = async (): Promise<boolean> => {
        const books = await scene.books();
        return books !== undefined && inFlight(books) === 0;
      };
      await until(isOver, { what: 'all others', deadlineMs: 15_000 });
      const books = await scene.books();
      expect(books?.shed).toBeGreaterThan(0);
      expect(books).toMatchObject({
        captured: OBJECTS + FACES,
        completed: OBJECTS + FACES - (books?.shed ?? 0),
        unaccounted: 0,
      });
    },
    TRIES_MS,
  );

  it('takes no more ids than it may, and then nothing is read', async () => {
    const orchestrator = await scene.orchestrate({ ...ENV, MAX_PARKED_FRAMES: '100' });
    const goesOn = Promise.withResolvers<void>();
    await scene.join(orchestrator, 'faces', () => goesOn.promise, { capabilities: ['face'] });
    await scene.join(orchestrator, 'objects', () => ({}), { capabilities: ['object'] });
    await scene.publish(1_000, () => ({ detection_type: 'face' }));
    await until(async () => ((await scene.books())?.pendingInput ?? 0) >= 140, { what: 'the room to fill' });
    // The first read takes what the room holds.
    expect((await scene.books())?.pendingInput).toBeLessThanOrEqual(200 + 100);
    goesOn.resolve();
    await scene.completed(1_000);
    expect(await scene.books()).toMatchObject({ completed: 1_000, unaccounted: 0 });
  });

  it('leaves what it parked to the others when its orchestrator stops', async () => {
    const one = await scene.orchestrate(ENV);
    await scene.join(one, 'objects', () => ({}), { capabilities: ['object'] });
    await scene.publish(300, () => ({ detection_type: 'face' }));
    await until(async () => ((await scene.books())?.pendingInput ?? 0) === 300, { what: 'all to be read' });
    await one.stop();
    const two = await scene.orchestrate(ENV);
    await scene.join(two, 'faces', () => ({}), { capabilities: ['face'] });
    await scene.completed(300);
    expect(await scene.books()).toMatchObject({ captured: 300, unaccounted: 0 });
  });
});
