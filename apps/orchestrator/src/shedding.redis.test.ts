/** Frames that are given up under a policy are recorded, counted, and missing nowhere. */
import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import type { Orchestrator } from './compose.ts';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const shedBy = async (orchestrator: Orchestrator, reason: string): Promise<number> => {
  const text = await (await fetch(`${orchestrator.url}/metrics`)).text();
  const found = new RegExp(`frame_buffer_frames_shed_total\\{reason="${reason}"\\} (\\d+)`).exec(text);
  return Number(found?.[1] ?? 0);
};

const PLACES = 10;
const FRAMES = 50;
const room = (policy: string) => ({
  MAX_WAITING_FRAMES: '1000',
  WAITING_PER_CAPABILITY: String(PLACES),
  SHEDDING_POLICY: policy,
});

/** Frames for a pool whose only place is taken. */
async function overload(policy: string, cameras = FRAMES) {
  const orchestrator = await scene.orchestrate(room(policy));
  const goesOn = Promise.withResolvers<void>();
  const seen: string[] = [];
  // A second capability: where there is only one, it has the whole room.
  await scene.join(orchestrator, 'other', () => ({}), { capabilities: ['other'] });
  await scene.join(
    orchestrator,
    'p1',
    async (frame) => {
      seen.push(frame.frameId);
      await goesOn.promise;
    },
    { capacity: 1 },
  );
  await scene.publish(1, () => ({ frame_id: 'first' }));
  await until(() => seen.length === 1, { what: 'the pool to be busy' });
  await scene.publish(FRAMES, (i) => ({ camera_id: `c${i % cameras}` }));
  await until(
    async () => ((await scene.books())?.pendingInput ?? 0) + ((await scene.books())?.shed ?? 0) === FRAMES,
    {
      what: 'all to be read',
    },
  );
  return { orchestrator, seen, goesOn };
}

describe('frames beyond the places of a capability', () => {
  it('replace the oldest under drop_oldest, each with a record of it', async () => {
    const { orchestrator, seen, goesOn } = await overload('drop_oldest');
    await until(async () => (await scene.books())?.shed === FRAMES - PLACES, { what: 'the rest to be shed' });
    const records = await scene.entries(keys.shed);
    expect(records).toHaveLength(FRAMES - PLACES);
    expect(records[0]).toMatchObject({ frame_id: 'f0', shed_reason: 'room_full' });
    expect(await shedBy(orchestrator, 'room_full')).toBe(FRAMES - PLACES);
    expect(await scene.redis.hget(keys.ledger, 'shed:room_full')).toBe(String(FRAMES - PLACES));
    goesOn.resolve();
    await scene.completed(PLACES + 1);
    expect(seen.slice(1)).toEqual(Array.from({ length: PLACES }, (_none, i) => `f${FRAMES - PLACES + i}`));
    expect(await scene.books()).toMatchObject({
      captured: FRAMES + 1,
      completed: PLACES + 1,
      unaccounted: 0,
    });
  });

  it('are superseded by the newer ones of their camera under latest_per_camera', async () => {
    const { seen, goesOn } = await overload('detect=latest_per_camera', 5);
    await until(async () => (await scene.books())?.shed === FRAMES - 5, { what: 'the rest to be shed' });
    goesOn.resolve();
    await scene.completed(6);
    expect(seen.slice(1)).toEqual(['f45', 'f46', 'f47', 'f48', 'f49']);
    expect(await scene.books()).toMatchObject({ captured: FRAMES + 1, shed: FRAMES - 5, unaccounted: 0 });
  });

  it('are left out at random under sample, the more the fuller it is, and none of those that wait', async () => {
    const { orchestrator, seen, goesOn } = await overload('sample');
    const shed = (await scene.books())?.shed ?? 0;
    // Below half of the places nothing is left out, and a full room takes nobody.
    expect(shed).toBeGreaterThanOrEqual(FRAMES - PLACES);
    expect(shed).toBeLessThanOrEqual(FRAMES - PLACES / 2);
    const records = await scene.entries(keys.shed);
    expect(new Set(records.map(({ shed_reason }) => shed_reason))).toEqual(new Set(['sampled']));
    expect(records.map(({ frame_id }) => frame_id)).not.toContain('f0');
    expect(await shedBy(orchestrator, 'sampled')).toBe(shed);
    goesOn.resolve();
    await scene.completed(FRAMES + 1 - shed);
    // Those that were there first go first: the first half of the places was taken by the first frames.
    expect(seen.slice(1, 1 + PLACES / 2)).toEqual(Array.from({ length: PLACES / 2 }, (_none, i) => `f${i}`));
    expect(await scene.books()).toMatchObject({ captured: FRAMES + 1, shed, unaccounted: 0 });
  });

  it('stay where they are for a capability that blocks, whatever others do', async () => {
    const { goesOn } = await overload('other=drop_oldest');
    goesOn.resolve();
    await scene.completed(FRAMES + 1);
    expect(await scene.books()).toMatchObject({ shed: 0, unaccounted: 0 });
  });
});

it('A frame whose deadline is over is given up at once, though nobody asks for it', async () => {
  await scene.orchestrate({ SHEDDING_POLICY: 'deadline', FRAME_DEADLINE_MS: '200' });
  await scene.publish(20, (i) => ({ priority: String(i % 10) }));
  await until(async () => (await scene.books())?.shed === 20, {
    what: 'all to be given up',
    deadlineMs: 5_000,
  });
  expect((await scene.entries(keys.shed)).map((fields) => fields['shed_reason'])).toEqual(
    Array(20).fill('deadline'),
  );
  expect(await scene.books()).toMatchObject({ captured: 20, pendingInput: 0, unaccounted: 0 });
});

it('A frame that is late when its turn comes is given up under deadline', async () => {
  const orchestrator = await scene.orchestrate({ SHEDDING_POLICY: 'deadline', FRAME_DEADLINE_MS: '1000' });
  await scene.publish(20);
  await until(async () => (await scene.books())?.pendingInput === 20, { what: 'them to be read' });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await scene.join(orchestrator, 'p1', () => ({}));
  await until(async () => (await scene.books())?.shed === 20, { what: 'all to be late' });
  await scene.publish(5);
  await scene.completed(5);
  expect((await scene.entries(keys.shed))[0]).toMatchObject({ shed_reason: 'deadline' });
  expect(await scene.books()).toMatchObject({ captured: 25, completed: 5, shed: 20, unaccounted: 0 });
});
