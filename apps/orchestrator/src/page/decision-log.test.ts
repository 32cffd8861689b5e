import type { DispatchPlan } from '../dispatch-plan.ts';
import type { HeldFrame } from '../waiting-room.ts';
import { createDecisionLog } from './decision-log.ts';

function plan(frameId: string, processors: string[], attempt = 1): DispatchPlan {
  const copies = processors.map((processorId) => ({
    capability: `for-${processorId}`,
    decision: { processorId, reason: 'least_loaded', load: 3 },
    moment: 77,
  }));
  return { held: held(frameId, attempt), copies } as unknown as DispatchPlan;
}

const held = (frameId: string, attempt = 1): HeldFrame =>
  ({
    frame: { frameId, attempt, cameraId: 'c1', format: 'jpeg', width: 640, height: undefined },
    wanted: ['detect', 'read'],
    avoid: 'p9',
    readAtMs: performance.now() - 250,
  }) as unknown as HeldFrame;

it('remembers why a frame went where it went, each of its copies', () => {
  const log = createDecisionLog();
  log.handedOff(plan('f1', ['p1', 'p2']), 1_000);
  log.handedOff(plan('f2', ['p3']), 2_000);
  expect(log.of('f1')).toEqual(
    ['p1', 'p2'].map((processorId) => ({
      frameId: 'f1',
      asked: {
        capability: `for-${processorId}`,
        cameraId: 'c1',
        format: 'jpeg',
        width: 640,
        height: undefined,
        avoid: 'p9',
      },
      processorId,
      reason: 'least_loaded',
      load: 3,
      attempt: 1,
      moment: 77,
      atMs: 1_000,
      waitedMs: expect.any(Number),
    })),
  );
  expect(log.of('f1')[0]?.waitedMs).toBeGreaterThanOrEqual(250);
  expect(log.of('f3')).toEqual([]);
});

it('keeps the last ones, and tells several attempts in time', () => {
  const log = createDecisionLog(4);
  log.handedOff(plan('f1', ['old']), 1);
  for (let i = 0; i < 3; i++) log.handedOff(plan('other', ['p1']), 2 + i);
  log.handedOff(plan('f1', ['p2'], 2), 10);
  log.handedOff(plan('f1', ['p3'], 3), 11);
  expect(log.of('f1').map(({ processorId, attempt }) => [processorId, attempt])).toEqual([
    ['p2', 2],
    ['p3', 3],
  ]);
  expect(log.of('other')).toHaveLength(2);
});

it('remembers of a frame that was shed what it asked for, each capability, and that nobody got it', () => {
  const log = createDecisionLog();
  log.shed(held('f1'), 'room_full', 5, 1_000);
  expect(
    log
      .of('f1')
      .map(({ asked, processorId, reason, moment }) => [asked.capability, processorId, reason, moment]),
  ).toEqual([
    ['detect', undefined, 'room_full', 5],
    ['read', undefined, 'room_full', 5],
  ]);
});
