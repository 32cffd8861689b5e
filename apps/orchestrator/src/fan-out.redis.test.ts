/** Frames that ask for several capabilities: one processor for each of them, all or none. */
import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const BOTH = { detection_type: '', metadata: '{"capabilities":["face","plate"]}' };
const pairs = async (): Promise<string[]> =>
  (await scene.entries(keys.results)).map(({ frame_id, capability }) => `${frame_id} ${capability}`).sort();

describe('a frame that asks for several capabilities', () => {
  it('goes to one processor of each, or to none as long as one of them has no credit', async () => {
    const orchestrator = await scene.orchestrate();
    const started: string[] = [];
    await scene.join(orchestrator, 'faces', (frame) => void started.push(frame.frameId), {
      capabilities: ['face'],
    });
    await scene.publish(3, () => BOTH);
    // Those for faces alone pass them meanwhile.
    await scene.publish(20, (i) => ({ frame_id: `alone-${i}`, detection_type: 'face' }));
    await scene.completed(20);
    expect(started.every((id) => id.startsWith('alone'))).toBe(true);
    expect(await scene.books()).toMatchObject({ captured: 23, fanout: 0, pendingInput: 3, unaccounted: 0 });
    await scene.join(orchestrator, 'plates', () => ({}), { capabilities: ['plate'] });
    await scene.completed(26);
    const expected = [0, 1, 2].flatMap((i) => [`f${i} face`, `f${i} plate`]);
    expect((await pairs()).filter((pair) => pair.startsWith('f'))).toEqual(expected);
    expect(await scene.books()).toMatchObject({ captured: 23, fanout: 3, completed: 26, unaccounted: 0 });
  });

  it('that only one processor takes, whose capacity is 1, waits and says why, and holds up nobody', async () => {
    const orchestrator = await scene.orchestrate();
    await scene.join(orchestrator, 'both', () => ({}), { capabilities: ['face', 'plate'], capacity: 1 });
    await scene.publish(40, () => BOTH);
    await scene.publish(5, (i) => ({ frame_id: `alone-${i}`, detection_type: 'face' }));
    await scene.completed(5);
    const body = JSON.stringify({ frame: { frame_id: 'f', camera_id: 'c', ...BOTH } });
    const answer = await fetch(`${orchestrator.url}/frames/route`, { method: 'POST', body });
    const { together } = (await answer.json()) as { together: string | null };
    expect(together).toContain('it asks for face and plate at once');
    await scene.join(orchestrator, 'plates', () => ({}), { capabilities: ['plate'] });
    await scene.completed(85);
    expect(await scene.books()).toMatchObject({ captured: 45, fanout: 40, completed: 85, unaccounted: 0 });
  });

  it('is tried again for the one that failed alone', async () => {
    const orchestrator = await scene.orchestrate();
    const calls = { face: 0, plate: 0 };
    await scene.join(orchestrator, 'faces', () => void calls.face++, { capabilities: ['face'] });
    await scene.join(
      orchestrator,
      'plates',
      () => {
        if (++calls.plate === 1) throw new Error('out of memory');
      },
      { capabilities: ['plate'] },
    );
    await scene.publish(1, () => BOTH);
    await scene.completed(2);
    expect(await pairs()).toEqual(['f0 face', 'f0 plate']);
    expect(calls).toEqual({ face: 1, plate: 2 });
    expect(await scene.books()).toMatchObject({ captured: 1, fanout: 1, completed: 2, unaccounted: 0 });
  });

  it('waits for a capability that stands still without holding up the others', async () => {
    const orchestrator = await scene.orchestrate({ MAX_WAITING_FRAMES: '50', WAITING_PER_CAPABILITY: '20' });
    const goesOn = Promise.withResolvers<void>();
    let faces = 0;
    await scene.join(orchestrator, 'faces', () => void faces++, { capabilities: ['face'] });
    await scene.join(orchestrator, 'plates', () => goesOn.promise, { capabilities: ['plate'], capacity: 1 });
    await scene.publish(200, (i) => (i % 2 === 0 ? BOTH : { detection_type: 'face' }));
    // The faces of those alone, and of the one whose plate is under way.
    await until(() => faces === 101, { what: 'the faces' });
    expect(await scene.books()).toMatchObject({ captured: 200, fanout: 1, unaccounted: 0 });
    goesOn.resolve();
    await scene.completed(300);
    expect(await scene.books()).toMatchObject({ captured: 200, fanout: 100, completed: 300, unaccounted: 0 });
  });
});
