/** A processor that fails is taken out of rotation and comes back, on a real Redis. */
import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import type { Orchestrator } from './compose.ts';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const FAILURES = 4;
const OPEN_MS = 600;
const ENV = {
  CIRCUIT_FAILURES: String(FAILURES),
  CIRCUIT_OPEN_MS: String(OPEN_MS),
  CIRCUIT_MAX_OPEN_MS: String(OPEN_MS),
  MAX_ATTEMPTS: '10',
};

let scene: Scene;
let feeding: ReturnType<typeof feed> | undefined;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(async () => {
  await feeding?.stop();
  await scene.clear();
});
afterAll(() => scene.end());

async function circuitOf(orchestrator: Orchestrator, id: string): Promise<number> {
  const text = await (await fetch(`${orchestrator.url}/metrics`)).text();
  return Number(new RegExp(`frame_buffer_circuit_state\\{processor_id="${id}"\\} (\\d)`).exec(text)?.[1]);
}

/** A feed of frames that goes on until it is stopped. */
function feed(): { stop(): Promise<number> } {
  let published = 0;
  let going = true;
  const done = (async () => {
    while (going) {
      await scene.publish(2, (i) => ({ frame_id: `f${published + i}` }));
      published += 2;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    async stop() {
      going = false;
      await done;
      return published;
    },
  };
}

describe('a processor that fails every frame', () => {
  it('is out of rotation within three failures of its threshold, and others complete what it failed', async () => {
    const orchestrator = await scene.orchestrate({ ...ENV, CIRCUIT_OPEN_MS: '60000' });
    let failed = 0;
    await scene.join(orchestrator, 'bad', () => {
      failed++;
      throw new Error('out of memory');
    });
    await scene.join(orchestrator, 'good', () => ({}), { concurrency: 8 });
    await until(async () => (await circuitOf(orchestrator, 'bad')) === 0, { what: 'the first books' });
    feeding = feed();
    await until(async () => (await circuitOf(orchestrator, 'bad')) === 1, { what: 'its circuit to open' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const published = await feeding.stop();
    await scene.completed(published);
    expect(failed).toBeGreaterThanOrEqual(FAILURES);
    expect(failed).toBeLessThanOrEqual(FAILURES + 3);
    const results = await scene.entries(keys.results);
    expect(results.every(({ processor_id }) => processor_id === 'good')).toBe(true);
    expect(await scene.books()).toMatchObject({ completed: published, deadLettered: 0, unaccounted: 0 });
  });

  it('is back within one probe period of its recovery, and gets one frame at a time until then', async () => {
    const orchestrator = await scene.orchestrate(ENV);
    let broken = true;
    let active = 0;
    let mostActive = 0;
    let opened = false;
    let recoveredAtMs = 0;
    let backAtMs = 0;
    let done = 0;
    await scene.join(
      orchestrator,
      'bad',
      async () => {
        active++;
        if (opened && broken) mostActive = Math.max(mostActive, active);
        await new Promise((resolve) => setTimeout(resolve, 2));
        active--;
        if (broken) throw new Error('out of memory');
        backAtMs ||= performance.now();
        done++;
      },
      { concurrency: 4 },
    );
    await scene.join(orchestrator, 'good', () => ({}), { concurrency: 8 });
    feeding = feed();
    await until(async () => (await circuitOf(orchestrator, 'bad')) === 1, { what: 'its circuit to open' });
    await until(() => active === 0, { what: 'what it had to be over' });
    opened = true;
    await new Promise((resolve) => setTimeout(resolve, 3 * OPEN_MS));
    expect(mostActive).toBe(1);
    broken = false;
    recoveredAtMs = performance.now();
    await until(async () => (await circuitOf(orchestrator, 'bad')) === 0, { what: 'its circuit to close' });
    const closedAtMs = performance.now();
    const doneByThen = done;
    await until(() => done >= doneByThen + 20, { what: 'it to have its part of the frames again' });
    const published = await feeding.stop();
    await scene.completed(published);
    // The period is the time that a circuit stays open; a probe is sent, processed and heard of in no more than that again.
    expect(backAtMs - recoveredAtMs).toBeLessThan(2 * OPEN_MS);
    expect(closedAtMs - recoveredAtMs).toBeLessThan(2 * OPEN_MS + 200);
    expect(await scene.books()).toMatchObject({ completed: published, deadLettered: 0, unaccounted: 0 });
  });

  it('is known to fail by every orchestrator', async () => {
    const one = await scene.orchestrate({ ...ENV, CIRCUIT_OPEN_MS: '60000' });
    const two = await scene.orchestrate({ ...ENV, CIRCUIT_OPEN_MS: '60000' });
    await scene.join(one, 'bad', () => {
      throw new Error('out of memory');
    });
    await scene.join(one, 'good', () => ({}));
    feeding = feed();
    for (const orchestrator of [one, two])
      await until(async () => (await circuitOf(orchestrator, 'bad')) === 1, { what: 'both to open' });
    await scene.completed(await feeding.stop());
  });

  it('stays in rotation where it is the only one', async () => {
    const orchestrator = await scene.orchestrate({ ...ENV, CIRCUIT_OPEN_MS: '60000' });
    let calls = 0;
    await scene.join(orchestrator, 'bad', () => {
      if (++calls <= 2 * FAILURES) throw new Error('out of memory');
    });
    await scene.publish(10);
    await scene.completed(10);
  });
});
