import fc from 'fast-check';
import { createSheddingPolicy } from './create-shedding-policy.ts';
import {
  SHEDDING_POLICIES,
  type SheddingPolicy,
  type ShedReason,
  type WaitingFrame,
  type WaitingRoomView,
} from './shedding-policy.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

interface TestFrame extends WaitingFrame {
  readonly id: number;
}

/** A waiting room that is written the plain way and does what the policy says: highest priority first, then in order. */
class Room implements WaitingRoomView<TestFrame> {
  readonly policy: SheddingPolicy;
  readonly limit: number;
  waiting: TestFrame[] = [];
  readonly shed: { frame: TestFrame; reason: ShedReason }[] = [];
  readonly dispatched: TestFrame[] = [];
  readonly blocked: TestFrame[] = [];
  waitMs = Number.NaN;
  expectedServiceMs = Number.NaN;

  constructor(policy: SheddingPolicy, limit: number) {
    this.policy = policy;
    this.limit = limit;
  }

  get fill(): number {
    return this.waiting.length / this.limit;
  }

  nextToDrop(): TestFrame | undefined {
    const lowest = Math.min(...this.waiting.map(({ priority }) => priority));
    return this.waiting.find(({ priority }) => priority === lowest);
  }

  waitingOf(cameraId: string, priority: number): TestFrame | undefined {
    return this.waiting.find((frame) => frame.cameraId === cameraId && frame.priority === priority);
  }

  expectedWaitMs(): number {
    return this.waitMs;
  }

  arrive(frame: TestFrame, nowMs: number): void {
    const decision = this.policy.onArrival(frame, this, nowMs);
    if (decision.action === 'admit') {
      this.waiting.push(frame);
    } else if (decision.action === 'replace') {
      const place = this.waiting.indexOf(decision.victim);
      this.shed.push({ frame: decision.victim, reason: decision.reason });
      if (decision.place === 'victim') {
        this.waiting[place] = frame;
      } else {
        this.waiting.splice(place, 1);
        this.waiting.push(frame);
      }
    } else if (decision.action === 'shed') {
      this.shed.push({ frame, reason: decision.reason });
    } else {
      this.blocked.push(frame);
    }
  }

  dispatch(nowMs: number): TestFrame | undefined {
    const highest = Math.max(...this.waiting.map(({ priority }) => priority));
    const place = this.waiting.findIndex(({ priority }) => priority === highest);
    const [frame] = this.waiting.splice(place < 0 ? 0 : place, 1);
    if (!frame) return undefined;
    const decision = this.policy.onDispatch(frame, this, nowMs);
    if (decision.action === 'shed') {
      this.shed.push({ frame, reason: decision.reason });
      return undefined;
    }
    this.dispatched.push(frame);
    return frame;
  }
}

let lastId = 0;
const frame = (cameraId: string, arrivedAtMs: number, priority = 0): TestFrame => ({
  id: ++lastId,
  cameraId,
  arrivedAtMs,
  priority,
});

function filled(policy: SheddingPolicy, limit: number, ...frames: TestFrame[]): Room {
  const room = new Room(policy, limit);
  for (const each of frames) room.arrive(each, each.arrivedAtMs);
  return room;
}

describe('block', () => {
  it('admits into a room with a place, and blocks a full one', () => {
    const [a, b, c] = [frame('a', 1), frame('b', 2), frame('c', 3)];
    const room = filled(createSheddingPolicy('block'), 2, a, b, c);
    expect({ waiting: room.waiting, blocked: room.blocked, shed: room.shed }).toEqual({
      waiting: [a, b],
      blocked: [c],
      shed: [],
    });
  });
});

describe('drop_oldest', () => {
  const policy = createSheddingPolicy('drop_oldest');

  it('is made by a name that there is', () => {
    expect(() => createSheddingPolicy('newest' as 'sample')).toThrow(
      new RangeError('a policy is block, drop_oldest, latest_per_camera, deadline or sample, got newest'),
    );
  });

  it('sheds the oldest for a new frame when the room is full', () => {
    const [a, b, c] = [frame('a', 1), frame('b', 2), frame('c', 3)];
    const room = filled(policy, 2, a, b, c);
    expect(room.waiting).toEqual([b, c]);
    expect(room.shed).toEqual([{ frame: a, reason: 'room_full' }]);
  });

  it('sheds of the lowest priority first', () => {
    const [high, low, next] = [frame('a', 1, 5), frame('b', 2, 0), frame('c', 3, 5)];
    expect(filled(policy, 2, high, low, next).waiting).toEqual([high, next]);
  });

  it('does not shed a frame for one of lower priority', () => {
    const [high, low] = [frame('a', 1, 5), frame('b', 2, 0)];
    const room = filled(policy, 1, high, low);
    expect(room.waiting).toEqual([high]);
    expect(room.shed).toEqual([{ frame: low, reason: 'room_full' }]);
  });
});

describe('latest_per_camera', () => {
  const policy = createSheddingPolicy('latest_per_camera');

  it('keeps the newest frame of a camera, in the place of the one before, though there is room', () => {
    const [a1, b, a2] = [frame('a', 1), frame('b', 2), frame('a', 3)];
    const room = filled(policy, 10, a1, b, a2);
    expect(room.waiting).toEqual([a2, b]);
    expect(room.shed).toEqual([{ frame: a1, reason: 'superseded' }]);
  });

  it('sheds a frame that is older than the waiting one', () => {
    const [late, early] = [frame('a', 3), frame('a', 1)];
    const room = filled(policy, 10, late, early);
    expect(room.waiting).toEqual([late]);
    expect(room.shed).toEqual([{ frame: early, reason: 'superseded' }]);
  });

  it('does not supersede an alarm by a frame of another priority', () => {
    const [alarm, ordinary] = [frame('a', 1, 9), frame('a', 2, 0)];
    expect(filled(policy, 10, alarm, ordinary).waiting).toEqual([alarm, ordinary]);
  });

  it('sheds the oldest where there are more cameras than places', () => {
    const [a, b, c] = [frame('a', 1), frame('b', 2), frame('c', 3)];
    const room = filled(policy, 2, a, b, c);
    expect(room.waiting).toEqual([b, c]);
    expect(room.shed).toEqual([{ frame: a, reason: 'room_full' }]);
  });

  it('starves no camera and serves nothing stale, at twice what can be done, fast cameras and slow', () => {
    const room = new Room(policy, 64);
    // Five cameras at 40 frames a second and five at 20 give 300; 150 a second are taken.
    const intervalsMs = [25, 25, 25, 25, 25, 50, 50, 50, 50, 50];
    const served = new Map<string, number>();
    let oldestMs = 0;
    for (let nowMs = 0; nowMs < 30_000; nowMs++) {
      intervalsMs.forEach((intervalMs, i) => {
        if ((nowMs + 7 * i) % intervalMs === 0) room.arrive(frame(`c${i}`, nowMs), nowMs);
      });
      if (nowMs % 20 < 3) {
        const next = room.dispatch(nowMs);
        if (!next) continue;
        served.set(next.cameraId, (served.get(next.cameraId) ?? 0) + 1);
        oldestMs = Math.max(oldestMs, nowMs - next.arrivedAtMs);
      }
    }
    const counts = [...served.values()];
    expect(counts).toHaveLength(10);
    // A slow camera waits a little longer for its next frame before it is in the queue again.
    expect(Math.min(...counts)).toBeGreaterThan(0.75 * Math.max(...counts));
    // Never older than one interval of the slowest camera and one turn of the dispatcher.
    expect(oldestMs).toBeLessThanOrEqual(50 + 20);
  });
});

describe('sample', () => {
  /** Low-discrepancy: fractions of multiples of the golden ratio. */
  const evenly = (): (() => number) => {
    let x = 0;
    return () => (x = (x + 0.618033988749895) % 1);
  };

  it('leaves nothing out while the room is filled less than half', () => {
    const room = new Room(createSheddingPolicy('sample', { rng: () => 0.999 }), 10);
    for (let i = 0; i < 5; i++) room.arrive(frame('a', i), i);
    expect(room.waiting).toHaveLength(5);
  });

  it('settles at what can be done, and treats cameras that take turns alike', () => {
    const room = new Room(createSheddingPolicy('sample', { rng: evenly() }), 100);
    const served = new Map<string, number>();
    for (let i = 0; i < 40_000; i++) {
      room.arrive(frame(`c${i % 8}`, i), i);
      const next = i % 2 === 0 ? room.dispatch(i) : undefined;
      if (next) served.set(next.cameraId, (served.get(next.cameraId) ?? 0) + 1);
    }
    expect(room.dispatched).toHaveLength(20_000);
    expect(room.fill).toBeGreaterThan(0.65);
    expect(room.fill).toBeLessThan(0.85);
    for (const count of served.values()) expect(Math.abs(count / 2_500 - 1)).toBeLessThan(0.1);
    expect([...served.keys()]).toHaveLength(8);
  });
});

describe('every policy, whatever comes', () => {
  const event = fc.record({
    dispatches: fc.boolean(),
    camera: fc.nat(4),
    priority: fc.nat(2),
    afterMs: fc.nat(60),
    ageMs: fc.nat(80),
  });
  const shape = fc.record({
    events: fc.array(event, { maxLength: 120 }),
    limit: fc.nat(6),
    rng: fc.double({ min: 0, max: 0.999, noNaN: true }),
  });

  it.each(SHEDDING_POLICIES)('%s loses no frame without a decision, and never overfills its room', (name) => {
    fc.assert(
      fc.property(shape, ({ events, limit, rng }) => {
        const policy = createSheddingPolicy(name, { maxAgeMs: 100, rng: () => rng });
        const room = new Room(policy, limit);
        const arrived: TestFrame[] = [];
        let nowMs = 1_000;
        for (const { dispatches, camera, priority, afterMs, ageMs } of events) {
          nowMs += afterMs;
          if (dispatches) {
            room.dispatch(nowMs);
          } else {
            const next = frame(`c${camera}`, nowMs - ageMs, priority);
            arrived.push(next);
            room.arrive(next, nowMs);
          }
          expect(room.waiting.length).toBeLessThanOrEqual(limit);
        }
        const everywhere = [
          ...room.waiting,
          ...room.dispatched,
          ...room.blocked,
          ...room.shed.map((s) => s.frame),
        ];
        expect(everywhere.map(({ id }) => id).sort((a, b) => a - b)).toEqual(arrived.map(({ id }) => id));
        if (policy.blocks) expect(room.shed).toEqual([]);
        else expect(room.blocked).toEqual([]);
      }),
    );
  });

  it('latest_per_camera has one frame of a camera and priority waiting, and none newer was shed', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), (events) => {
        const room = new Room(createSheddingPolicy('latest_per_camera'), 100);
        let nowMs = 0;
        for (const { camera, priority, afterMs, ageMs } of events) {
          nowMs += afterMs;
          room.arrive(frame(`c${camera}`, nowMs - ageMs, priority), nowMs);
        }
        const keyOf = (each: TestFrame): string => `${each.cameraId}/${each.priority}`;
        expect(new Set(room.waiting.map(keyOf)).size).toBe(room.waiting.length);
        for (const kept of room.waiting) {
          const rivals = room.shed.filter((each) => keyOf(each.frame) === keyOf(kept));
          for (const rival of rivals) expect(rival.frame.arrivedAtMs).toBeLessThanOrEqual(kept.arrivedAtMs);
        }
      }),
    );
  });

  it('deadline hands off nothing that is late', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), fc.nat(50), (events, serviceMs) => {
        const room = new Room(createSheddingPolicy('deadline', { maxAgeMs: 100 }), 20);
        room.expectedServiceMs = serviceMs;
        let nowMs = 1_000;
        for (const { dispatches, camera, priority, afterMs, ageMs } of events) {
          nowMs += afterMs;
          if (!dispatches) room.arrive(frame(`c${camera}`, nowMs - ageMs, priority), nowMs);
          const next = dispatches ? room.dispatch(nowMs) : undefined;
          if (next) expect(nowMs + serviceMs).toBeLessThanOrEqual(next.arrivedAtMs + 100);
        }
      }),
    );
  });
});
