/** Frames that no processor with credit accepts (cameras, sizes, formats) let those pass that can go. */
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

/** A processor that takes frames and never finishes one. */
async function register({ url }: Orchestrator, id: string, more: object): Promise<void> {
  const body = {
    id,
    capabilities: ['detect'],
    capacity: 1_000,
    completion: 'delete',
    lease_ms: 600_000,
    ...more,
  };
  const answer = await fetch(`${url}/processors/register`, { method: 'POST', body: JSON.stringify(body) });
  expect(answer.status).toBe(201);
}

const queueOf = async (id: string): Promise<string[]> =>
  (await scene.entries(keys.ready(id))).map(({ frame_id = '' }) => frame_id);
const queued = (id: string, count: number) =>
  until(async () => (await queueOf(id)).length === count, { what: `${count} frames for ${id}` });
const named = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_none, i) => `${name}${i}`);
const from =
  (camera: string, more: Record<string, string> = {}) =>
  (i: number) => ({
    frame_id: `${camera}${i}`,
    camera_id: camera,
    ...more,
  });
const read = (count: number) =>
  until(
    async () => {
      const books = await scene.books();
      return books?.captured === count && books.unread === 0;
    },
    { what: `${count} frames to be read` },
  );

describe('frames that no processor accepts', () => {
  it('let others of their capability pass, however many they are', async () => {
    const orchestrator = await scene.orchestrate({ MAX_WAITING_FRAMES: '100' });
    await register(orchestrator, 'door', { cameras: ['door'] });
    await scene.publish(300, from('garage'));
    await read(300);
    await scene.publish(20, from('door'));
    await queued('door', 20);
    const { waiting } = (await (await fetch(`${orchestrator.url}/frames/backlogs`)).json()) as {
      waiting: { capability: string; frames: number }[];
    };
    expect(waiting.map(({ capability, frames }) => [capability, frames])).toEqual([['detect', 300]]);
    await scene.publish(1, from('garage', { frame_id: 'last' }));
    await register(orchestrator, 'garage', { cameras: ['garage'] });
    await queued('garage', 301);
    expect(await queueOf('garage')).toEqual([...named('garage', 300), 'last']);
    expect(await scene.books()).toMatchObject({
      captured: 321,
      pendingInput: 0,
      outstanding: 321,
      unaccounted: 0,
    });
  });

  it('go by their priorities as soon as they can', async () => {
    const orchestrator = await scene.orchestrate();
    await register(orchestrator, 'door', { cameras: ['door'] });
    await scene.publish(100, (i) => ({ ...from('garage')(i), priority: i % 2 === 0 ? '0' : '9' }));
    await read(100);
    await register(orchestrator, 'garage', { cameras: ['garage'], capacity: 34 });
    await queued('garage', 34);
    const high = (await queueOf('garage')).filter((id) => Number(id.slice('garage'.length)) % 2 === 1);
    expect(high.length).toBeGreaterThanOrEqual(32);
  });

  it('are superseded by newer ones of their camera under latest_per_camera, and only they', async () => {
    const orchestrator = await scene.orchestrate({ SHEDDING_POLICY: 'latest_per_camera' });
    await register(orchestrator, 'door', { cameras: ['door'] });
    for (let round = 0; round < 5; round++) {
      await scene.publish(3, (i) => from(`garage-${i}-`)(round));
      await scene.publish(4, (i) => from('door')(round * 4 + i));
      await queued('door', (round + 1) * 4);
    }
    await until(async () => (await scene.books())?.shed === 12, { what: 'older ones to be given up' });
    await register(orchestrator, 'others', {});
    await queued('others', 3);
    expect((await queueOf('others')).toSorted()).toEqual(['garage-0-4', 'garage-1-4', 'garage-2-4']);
    expect(await scene.books()).toMatchObject({ captured: 35, outstanding: 23, shed: 12, unaccounted: 0 });
  });
});

describe('frames whose processor is full', () => {
  it('let others pass for which one has room', async () => {
    const orchestrator = await scene.orchestrate();
    await register(orchestrator, 'hd', { max_width: 1_920 });
    await register(orchestrator, '4k', { min_width: 1_921, capacity: 4 });
    await scene.publish(60, from('roof', { width: '3840' }));
    await queued('4k', 4);
    await scene.publish(50, from('door', { width: '1280' }));
    await queued('hd', 50);
    expect(await queueOf('hd')).toEqual(named('door', 50));
    await register(orchestrator, 'other', { min_width: 1_921 });
    await queued('other', 56);
    expect(await queueOf('other')).toEqual(named('roof', 60).slice(4));
  });
});
