import type { DispatchPlan } from '../dispatch-plan.ts';
import { createDecisionLog } from './decision-log.ts';

function plan(frameId: string, processors: string[], attempt = 1): DispatchPlan {
  const copies = processors.map((processorId) => ({
    capability: `for-${processorId}`,
    decision: { processorId, reason: 'least_loaded', load: 3 },
  }));
  return {
    held: { frame: { frameId, attempt }, readAtMs: performance.now() - 250 },
    copies,
  } as unknown as DispatchPlan;
}

it('remembers why a frame went where it went, each of its copies', () => {
  const log = createDecisionLog();
  log.add(plan('f1', ['p1', 'p2']), 1_000);
  log.add(plan('f2', ['p3']), 2_000);
  expect(log.of('f1')).toEqual(
    ['p1', 'p2'].map((processorId) => ({
      frameId: 'f1',
      capability: `for-${processorId}`,
      processorId,
      reason: 'least_loaded',
      load: 3,
      attempt: 1,
      atMs: 1_000,
      waitedMs: expect.any(Number),
    })),
  );
  expect(log.of('f1')[0]?.waitedMs).toBeGreaterThanOrEqual(250);
  expect(log.of('f3')).toEqual([]);
});

it('keeps the last ones, and tells several attempts in time', () => {
  const log = createDecisionLog(4);
  log.add(plan('f1', ['old']), 1);
  for (let i = 0; i < 3; i++) log.add(plan('other', ['p1']), 2 + i);
  log.add(plan('f1', ['p2'], 2), 10);
  log.add(plan('f1', ['p3'], 3), 11);
  expect(log.of('f1').map(({ processorId, attempt }) => [processorId, attempt])).toEqual([
    ['p2', 2],
    ['p3', 3],
  ]);
  expect(log.of('other')).toHaveLength(2);
});
