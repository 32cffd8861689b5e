import { ANY_PROCESSOR } from './any-processor.ts';
import type { DispatchPlan } from './dispatch-plan.ts';
import { createPoolDrain, DRAIN_WINDOW_MS } from './pool-drain.ts';

const plan = (source: 'input' | 'retry', ...capabilities: (string | undefined)[]): DispatchPlan =>
  ({
    held: { entry: { source, id: '1-1', fields: {} } },
    copies: capabilities.map((capability) => ({ capability })),
  }) as unknown as DispatchPlan;

it('What pools take is counted for each capability, new frames only, and is 0 after a while without any', () => {
  const time = { nowMs: 0 };
  const drain = createPoolDrain(() => time.nowMs);
  expect(drain.perSecond('detect')).toBeNaN();
  for (let i = 0; i < 300; i++) {
    time.nowMs += 20;
    drain.handedOff(plan('input', 'detect'));
    drain.handedOff(plan('input', 'detect', 'faces'));
    drain.handedOff(plan('retry', 'faces'));
    drain.handedOff(plan('input', undefined));
  }
  expect(drain.perSecond('detect')).toBeCloseTo(100, -1);
  expect(drain.perSecond('faces')).toBeCloseTo(50, -1);
  expect(drain.perSecond(ANY_PROCESSOR)).toBeCloseTo(50, -1);
  expect(drain.perSecond('plates')).toBe(0);
  time.nowMs += 2 * DRAIN_WINDOW_MS;
  expect(drain.perSecond('detect')).toBe(0);
});
