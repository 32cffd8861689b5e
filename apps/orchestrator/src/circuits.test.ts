import { createRouter } from '@frame-buffer/router';
import { silentLogger } from '@frame-buffer/telemetry';
import { registrationRecord } from './test-support/registration.ts';
import { createCircuits } from './circuits.ts';
import { createFleet } from './fleet.ts';

let nowMs: number;
const logs: string[] = [];
const logger = { ...silentLogger, warn: (text: string) => void logs.push(text) };

function pool(ids: readonly string[]) {
  nowMs = 1_000;
  logs.length = 0;
  const router = createRouter();
  const fleet = createFleet(router, { onUpdate: () => circuits.update() });
  const circuits = createCircuits({
    failures: 3,
    openMs: 1_000,
    maxOpenMs: 4_000,
    probeTimeoutMs: 2_000,
    stallMs: 5_000,
    fleet,
    logger: logger as never,
    onOpening: () => {},
    clock: () => nowMs,
    rng: () => 0,
  });
  const register = (capacity = 4) => fleet.update(ids.map((id) => registrationRecord(id, { capacity })));
  register();
  const counts = new Map(ids.map((id) => [id, { completed: 0, failed: 0 }]));
  const outcome = (id: string, completed: number, failed: number): void => {
    const before = counts.get(id) ?? { completed: 0, failed: 0 };
    const after = { completed: before.completed + completed, failed: before.failed + failed };
    counts.set(id, after);
    circuits.outcome(id, after);
  };
  // What lies there when it is first looked at is no news.
  for (const id of ids) outcome(id, 0, 0);
  return {
    fleet,
    circuits,
    outcome,
    register,
    state: (id: string) => new Map(circuits.states()).get(id),
    /** Where a frame would go, in so many decisions. */
    chosen() {
      const found = new Set<string | undefined>();
      for (let i = 0; i < 200; i++) {
        const { processorId } = router.decide({ capability: 'detect', cameraId: 'c' });
        found.add(processorId);
        // Equals are chosen by lot, which is drawn when one is taken.
        router.reserve(processorId ?? '');
        router.release(processorId ?? '');
      }
      return found;
    },
    send(id: string) {
      const member = fleet.get(id);
      if (!member) throw new Error(`no ${id}`);
      fleet.reserve(member);
      return member;
    },
    pass(ms: number) {
      nowMs += ms;
      circuits.look();
    },
  };
}

describe('the circuit of a processor', () => {
  it('opens at its threshold, and the router leaves it out', () => {
    const { outcome, chosen, state } = pool(['a', 'b', 'c', 'd']);
    outcome('a', 0, 2);
    expect(state('a')).toBe('closed');
    outcome('a', 0, 1);
    expect(state('a')).toBe('open');
    expect(chosen()).toEqual(new Set(['b', 'c', 'd']));
    expect(logs).toEqual(['processor a fails: its circuit is open']);
  });

  it('is kept closed by a success in between', () => {
    const { outcome, state } = pool(['a', 'b', 'c', 'd']);
    for (let i = 0; i < 10; i++) {
      outcome('a', 0, 2);
      outcome('a', 1, 0);
    }
    expect(state('a')).toBe('closed');
  });

  it('lets one probe through when its time is over, and closes by its success', () => {
    const { fleet, outcome, chosen, state, send, pass } = pool(['a', 'b', 'c', 'd']);
    outcome('a', 0, 3);
    pass(999);
    expect(chosen()).not.toContain('a');
    pass(1);
    expect(chosen()).toContain('a');
    const member = send('a');
    expect(chosen()).not.toContain('a');
    fleet.report(member, 0, 1);
    outcome('a', 1, 0);
    expect(state('a')).toBe('closed');
    expect(chosen()).toContain('a');
  });

  it('is not probed behind other frames', () => {
    const { fleet, outcome, chosen, send, pass } = pool(['a', 'b', 'c', 'd']);
    const member = send('a');
    outcome('a', 0, 3);
    pass(1_000);
    expect(chosen()).not.toContain('a');
    fleet.report(member, 0, 1);
    pass(0);
    expect(chosen()).toContain('a');
  });

  it('opens for longer after a probe that fails or gives no result', () => {
    const { fleet, outcome, state, send, pass } = pool(['a', 'b', 'c', 'd']);
    outcome('a', 0, 3);
    pass(1_000);
    fleet.report(send('a'), 0, 1);
    outcome('a', 0, 1);
    expect(state('a')).toBe('open');
    pass(1_999);
    expect(state('a')).toBe('open');
    pass(1);
    fleet.report(send('a'), 0, 1);
    expect(state('a')).toBe('half_open');
    pass(2_000);
    expect(state('a')).toBe('open');
  });

  it('does not count a probe that was decided and not sent', () => {
    const { fleet, outcome, chosen, state, send, pass } = pool(['a', 'b', 'c', 'd']);
    outcome('a', 0, 3);
    pass(1_000);
    fleet.release(send('a'));
    expect(state('a')).toBe('half_open');
    expect(chosen()).toContain('a');
  });

  it('takes no result of frames that it had before for that of a probe', () => {
    const { fleet, outcome, state, send, pass } = pool(['a', 'b', 'c', 'd']);
    for (let i = 0; i < 3; i++) send('a');
    outcome('a', 0, 3);
    pass(1_000);
    outcome('a', 1, 0);
    expect(state('a')).toBe('open');
    outcome('a', 2, 0);
    expect(state('a')).toBe('open');
    // One more than it had: somebody else's probe.
    outcome('a', 1, 0);
    expect(state('a')).toBe('closed');
    expect(fleet.get('a')?.standing).toBe('available');
  });

  it('counts a queue without progress as failures', () => {
    const { circuits, state, send, pass } = pool(['a', 'b', 'c', 'd']);
    send('a');
    const look = () => circuits.progress('a', { completed: 0, failed: 0 }, 1);
    for (let s = 0; s < 4; s++) {
      pass(1_000);
      look();
    }
    expect(state('a')).toBe('closed');
    for (let s = 0; s < 4; s++) {
      pass(1_000);
      look();
    }
    expect(state('a')).toBe('open');
  });

  it('goes by counts that began anew from there on', () => {
    const { circuits, state } = pool(['a', 'b', 'c', 'd']);
    circuits.outcome('a', { completed: 10, failed: 1 });
    for (const failed of [0, 1, 2]) circuits.outcome('a', { completed: 0, failed });
    expect(state('a')).toBe('closed');
    circuits.outcome('a', { completed: 0, failed: 4 });
    expect(state('a')).toBe('open');
  });
});

describe('the guard of a pool', () => {
  it('ejects three of ten at most; the others that fail stay', () => {
    const { outcome, chosen } = pool(Array.from({ length: 10 }, (_none, i) => `p${i}`));
    for (const id of ['p0', 'p1', 'p2', 'p3', 'p4']) outcome(id, 0, 3);
    expect(chosen()).toEqual(new Set(['p3', 'p4', 'p5', 'p6', 'p7', 'p8', 'p9']));
  });

  it('tries all where fewer than half are healthy', () => {
    const { outcome, chosen } = pool(['a', 'b', 'c', 'd']);
    for (const id of ['a', 'b', 'c']) outcome(id, 0, 3);
    expect(chosen()).toEqual(new Set(['a', 'b', 'c', 'd']));
    expect(logs.at(-1)).toContain('fewer than half of the processors for detect are healthy');
  });

  it('leaves out those that a health monitor calls unhealthy', () => {
    const { circuits, chosen } = pool(['a', 'b', 'c']);
    circuits.setHealthy('a', false);
    expect(chosen()).toEqual(new Set(['b', 'c']));
    circuits.setHealthy('a', true);
    expect(chosen()).toEqual(new Set(['a', 'b', 'c']));
  });
});
