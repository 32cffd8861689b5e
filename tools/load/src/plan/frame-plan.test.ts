import { decodeFrame } from '@frame-buffer/models';
import { createFramePlan, type FramePlanOptions } from './frame-plan.ts';

const OPTIONS: FramePlanOptions = {
  cameras: 16,
  mix: [
    ['faces', 3],
    ['faces+plates', 1],
  ],
  priorities: [
    ['0', 9],
    ['8', 1],
  ],
  run: 'abc',
  paddingBytes: 0,
};
const plan = createFramePlan(OPTIONS);

describe('the plan of frames', () => {
  it('makes records that decode, for cameras in turn, with the moment they were due', () => {
    const decoded = decodeFrame(plan.record(17, Date.parse('2026-01-02T03:04:05.678Z')));
    expect(decoded).toMatchObject({ ok: true, value: { frameId: 'load-abc-17', cameraId: 'load-camera-2' } });
    expect(plan.record(17, 0)['timestamp']).toBe('1970-01-01T00:00:00.000Z');
  });

  it('leaves the trace to the orchestrator, as nobody would record its root', () => {
    expect(plan.record(0, 0)).not.toHaveProperty('traceparent');
  });

  it('makes records as long as they are wanted', () => {
    const [short, long] = [plan, createFramePlan({ ...OPTIONS, paddingBytes: 1_000 })];
    expect(short.record(1, 0)['padding']).toBeUndefined();
    expect(long.record(1, 0)['padding']).toHaveLength(1_000);
    expect(decodeFrame(long.record(1, 0)).ok).toBe(true);
  });

  it('asks for what the mix says, and says the same when asked', () => {
    const counts = { faces: 0, 'faces+plates': 0 };
    for (let number = 0; number < 1000; number++) {
      const asked = JSON.parse(plan.record(number, 0)['metadata'] ?? '') as { capabilities: string[] };
      expect(asked.capabilities).toEqual(plan.capabilitiesOf(number));
      counts[asked.capabilities.join('+') as keyof typeof counts]++;
    }
    expect(counts['faces']).toBeGreaterThan(740);
    expect(counts['faces']).toBeLessThan(760);
  });

  it('gives both classes of priority to every capability', () => {
    const seen = new Set<string>();
    for (let number = 0; number < 1000; number++)
      seen.add(`${plan.capabilitiesOf(number).join('+')} ${plan.priorityOf(number)}`);
    expect([...seen].sort()).toEqual(['faces 0', 'faces 8', 'faces+plates 0', 'faces+plates 8']);
  });

  it('knows its own frames', () => {
    expect(plan.numberOf('load-abc-17')).toBe(17);
    expect(plan.numberOf('load-xyz-17')).toBeUndefined();
    expect(plan.numberOf('load-abc-x')).toBeUndefined();
  });
});
