import { createRouter, type Router } from '@frame-buffer/router';
import type { FoundEntry } from '@frame-buffer/stream-consumer';
import { createDecisionLog, type DecisionLog } from '../page/decision-log.ts';
import type { HeldFrame } from '../waiting-room.ts';
import { frameDecisions } from './frame-decisions.ts';

const frame = { frameId: 'f1', cameraId: 'c1', attempt: 1 };
const held = { frame, wanted: ['detect'], readAtMs: performance.now() } as unknown as HeldFrame;
const result = {
  where: 'results',
  stream: 'frames:results',
  entryId: '2000-0',
  state: 'settled',
  holder: undefined,
  fields: { processor_id: 'p1', capability: 'detect', attempt: '1' },
} satisfies FoundEntry;

/** The story of `f1` where `p1` got it and `after` happened since. */
function storyAfter(after: (router: Router, log: DecisionLog) => void): ReturnType<typeof frameDecisions> {
  const router = createRouter({ rememberedChanges: 8, slowStartMs: 0 });
  for (const id of ['p1', 'p2']) router.put({ id, capabilities: ['detect'], capacity: 2 });
  router.setAvailability('p2', 'circuit_open');
  const decisions = createDecisionLog(2);
  const decision = { processorId: 'p1', reason: 'least_loaded', load: 0 } as const;
  const copies = [{ capability: 'detect', decision, moment: router.moment(), member: {} as never }];
  decisions.handedOff({ held, copies }, 1_000);
  router.reserve('p1');
  after(router, decisions);
  const options = { router, decisions, orchestratorId: 'o1', defaultCapability: undefined };
  return frameDecisions(decisions.of('f1'), [result], options);
}

it('tells of a frame that is done how the candidates stood when it was decided', () => {
  const [decision, ...others] = storyAfter((router) => router.setAvailability('p2', 'available'));
  expect(others).toEqual([]);
  expect(decision).toMatchObject({ kind: 'handed_off', processor_id: 'p1', strategy: 'least_loaded' });
  expect(decision?.candidates).toEqual([
    { processor_id: 'p1', outstanding: 0, capacity: 2, score: 0, excluded: null },
    { processor_id: 'p2', outstanding: 0, capacity: 2, score: 0, excluded: 'circuit open' },
  ]);
});

it('says that the candidates are no longer known where too much has changed since', () => {
  const [decision] = storyAfter((router) => {
    for (let i = 0; i < 8; i++) router.setOutstanding('p2', 1 + (i % 2));
  });
  expect(decision).toMatchObject({ processor_id: 'p1', candidates: null });
  expect(decision?.sentence).toMatch(/it had the lowest load .*how the candidates stood is no longer known/);
});

it('says of a frame for two capabilities why it waits, though each of them has a processor with credit', () => {
  const router = createRouter();
  router.put({ id: 'both', capabilities: ['face', 'plate'], capacity: 1 });
  const fields = { frame_id: 'f1', camera_id: 'c1', metadata: '{"capabilities":["face","plate"]}' };
  const read = { ...result, where: 'input', stream: 'frames:metadata', state: 'pending', fields } as const;
  const options = {
    router,
    decisions: createDecisionLog(2),
    orchestratorId: 'o1',
    defaultCapability: undefined,
  };
  const story = frameDecisions([], [read], options);
  expect(story.map(({ kind, processor_id }) => [kind, processor_id])).toEqual([
    ['waits', null],
    ['waits', null],
  ]);
  expect(story[0]?.sentence).toMatch(/^it waits: it asks for face and plate at once, .*both: 1/);
  router.put({ id: 'face', capabilities: ['face'], capacity: 1 });
  for (const { sentence } of frameDecisions([], [read], options)) expect(sentence).toMatch(/^it would go to/);
});

it('says that a decision has left the log, and who had the frame', () => {
  const [decision, ...others] = storyAfter((_router, log) => {
    const other = { ...held, frame: { ...held.frame, frameId: 'f2' } };
    for (let i = 0; i < 2; i++) log.shed(other, 'room_full', 0, 2_000);
  });
  expect(others).toEqual([]);
  expect(decision).toMatchObject({ processor_id: 'p1', attempt: 1, strategy: null, candidates: null });
  expect(decision?.sentence).toBe(
    'handed to p1 for detect; this decision is not in the log of o1, which keeps the last 2 that it made since it started',
  );
});
