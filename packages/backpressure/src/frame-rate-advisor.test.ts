/*
 * Cameras that obey and a pool, simulated in steps of a millisecond: gauge, advisor and cameras in a loop, as orchestrator and capture
 * wire them. The judgement comes four times a second, the advice once.
 */
import fc from 'fast-check';
import { type CameraFlow, createFrameRateAdvisor, type PoolFlow } from './frame-rate-advisor.ts';
import { createPressureGauge } from './pressure-gauge.ts';
import { CRITICAL, HIGH, NORMAL, type PressureLevel } from './pressure-level.ts';
import { createRateMeter } from './rate-meter.ts';

const POOL = 'detect';
const SERVICE_MS = 40;
const CREDITS_EACH = 2;
const JUDGED_MS = 250;
const ADVISED_MS = 1_000;

interface Setting {
  readonly nativePerSecond: readonly number[];
  readonly processors: (nowMs: number) => number;
  readonly untilMs: number;
}

interface Outcome {
  readonly doneInSecond: number[];
  /** By camera, at the end of each second. */
  readonly advised: number[][];
  readonly levels: PressureLevel[];
  readonly oldestWaitMs: number[];
}

function simulate({ nativePerSecond, processors, untilMs }: Setting): Outcome {
  const time = { nowMs: 0 };
  const clock = (): number => time.nowMs;
  const gauge = createPressureGauge({ clock });
  const advisor = createFrameRateAdvisor({ clock });
  const drain = createRateMeter({ clock, windowMs: 3_000 });
  const cameras = nativePerSecond.map((native, i) => ({
    cameraId: `c${i}`,
    native,
    meter: createRateMeter({ clock }),
    // Not all at once.
    due: i / nativePerSecond.length,
    credit: 1,
    advised: Infinity,
    lastMs: 0,
  }));
  const room: number[] = [];
  const servers: { queued: number; doneAtMs: number }[] = [];
  const outcome: Outcome = { doneInSecond: [], advised: [], levels: [], oldestWaitMs: [] };
  for (; time.nowMs < untilMs; time.nowMs++) {
    const { nowMs } = time;
    while (servers.length < processors(nowMs)) servers.push({ queued: 0, doneAtMs: 0 });
    servers.length = processors(nowMs);
    for (const camera of cameras) {
      camera.due += camera.native / 1_000;
      if (camera.due < 1) continue;
      camera.due--;
      camera.credit = Math.min(2, camera.credit + camera.advised / camera.native);
      if (camera.credit < 1) continue;
      camera.credit--;
      camera.meter.add();
      camera.lastMs = nowMs;
      room.push(nowMs);
    }
    for (const server of servers) {
      if (server.queued > 0 && nowMs >= server.doneAtMs) {
        server.queued--;
        outcome.doneInSecond[Math.floor(nowMs / 1_000)] =
          (outcome.doneInSecond[Math.floor(nowMs / 1_000)] ?? 0) + 1;
        if (server.queued > 0) server.doneAtMs = nowMs + SERVICE_MS;
      }
      while (server.queued < CREDITS_EACH && room.length > 0) {
        room.shift();
        drain.add();
        if (server.queued++ === 0) server.doneAtMs = nowMs + SERVICE_MS;
      }
    }
    const oldestWaitMs = room.length > 0 ? nowMs - (room[0] as number) : 0;
    if (nowMs % JUDGED_MS === 0)
      gauge.observe(POOL, {
        outstanding: servers.reduce((sum, { queued }) => sum + queued, 0),
        capacity: servers.length * CREDITS_EACH,
        waiting: room.length,
        waitingLimit: 4_096,
        oldestWaitMs,
      });
    if (nowMs % ADVISED_MS === ADVISED_MS - 1) {
      const level = gauge.overall().level;
      const pool: PoolFlow = { pool: POOL, level, waiting: room.length, drainPerSecond: drain.perSecond() };
      const flows = cameras.map(({ cameraId, meter, lastMs }): CameraFlow => {
        return { cameraId, perSecond: meter.perSecond(), silentMs: nowMs - lastMs, needs: { [POOL]: 1 } };
      });
      const advice = new Map(
        advisor.advise([pool], flows).map((each) => [each.cameraId, each.framesPerSecond]),
      );
      for (const camera of cameras) camera.advised = advice.get(camera.cameraId) ?? Infinity;
      outcome.advised.push(cameras.map(({ advised }) => advised));
      outcome.levels.push(level);
      outcome.oldestWaitMs.push(oldestWaitMs);
    }
  }
  return outcome;
}

const speedOf = (processors: number): number => (processors * 1_000) / SERVICE_MS;

describe('cameras at twice what the pool can do', () => {
  const outcome = simulate({ nativePerSecond: [25, 25, 25, 25], processors: () => 2, untilMs: 120_000 });

  it('come down, and the pool goes on at its own speed in every second', () => {
    const steady = outcome.doneInSecond.slice(1);
    expect(Math.min(...steady)).toBeGreaterThanOrEqual(0.9 * speedOf(2));
    const sum = steady.reduce((a, b) => a + b, 0);
    expect(sum / steady.length).toBeGreaterThanOrEqual(0.97 * speedOf(2));
    for (const rates of outcome.advised.slice(10)) {
      expect(rates.reduce((a, b) => a + b, 0)).toBeLessThan(1.5 * speedOf(2));
    }
  });

  it('all get the same', () => {
    for (const [first, ...others] of outcome.advised.slice(10)) {
      for (const other of others) expect(other).toBe(first);
    }
  });

  it('and the pressure is over', () => {
    expect(Math.max(...outcome.levels)).toBe(CRITICAL);
    expect(Math.max(...outcome.levels.slice(60))).toBeLessThan(HIGH);
    expect(Math.max(...outcome.oldestWaitMs.slice(60))).toBeLessThan(1_000);
  });
});

describe('a camera that wants less than its share', () => {
  it('is left alone, and the others have the rest', () => {
    const { advised } = simulate({
      nativePerSecond: [5, 60, 60],
      processors: () => 2,
      untilMs: 60_000,
    });
    const [modest, greedy, other] = advised.at(-1) as [number, number, number];
    expect(modest).toBe(Infinity);
    expect(greedy).toBe(other);
    expect(greedy + other + 5).toBeGreaterThan(0.8 * speedOf(2));
    expect(greedy + other + 5).toBeLessThan(1.3 * speedOf(2));
  });
});

describe('a pool that gets help', () => {
  it('has the limits lifted within 20 s, and all of its cameras back', () => {
    const outcome = simulate({
      nativePerSecond: [25, 25, 25, 25],
      processors: (nowMs) => (nowMs < 30_000 ? 2 : 8),
      untilMs: 60_000,
    });
    expect(outcome.advised[29]?.[0]).toBeLessThan(25);
    expect(outcome.advised.slice(50)).toEqual(Array(10).fill([Infinity, Infinity, Infinity, Infinity]));
    expect(outcome.doneInSecond.at(-2)).toBeGreaterThanOrEqual(98);
    expect(outcome.levels.at(-1)).toBe(NORMAL);
  });
});

describe('a pool without processors', () => {
  it('is sent a trickle, and is noticed when it is back', () => {
    const outcome = simulate({
      nativePerSecond: [10, 10],
      processors: (nowMs) => (nowMs > 10_000 && nowMs < 30_000 ? 0 : 4),
      untilMs: 90_000,
    });
    const during = outcome.advised[27] as number[];
    expect(during.reduce((a, b) => a + b, 0)).toBeLessThan(5);
    expect(during.every((rate) => rate > 0)).toBe(true);
    expect(outcome.advised.at(-1)).toEqual([Infinity, Infinity]);
  });
});

describe('a pool at its load', () => {
  it('limits nobody', () => {
    const outcome = simulate({ nativePerSecond: [25, 25], processors: () => 2, untilMs: 60_000 });
    expect(outcome.advised.every((rates) => rates.every((rate) => rate === Infinity))).toBe(true);
  });
});

describe('whatever it sees', () => {
  const level = fc.constantFrom<PressureLevel>(0, 1, 2, 3);
  const rate = fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constant(Number.NaN));
  const names = ['a', 'b'];
  const step = fc.record({
    afterMs: fc.integer({ min: -500, max: 5_000 }),
    pools: fc.array(
      fc.record({ pool: fc.constantFrom(...names), level, waiting: fc.nat(50), drainPerSecond: rate }),
      { maxLength: 3 },
    ),
    cameras: fc.array(
      fc.record({
        cameraId: fc.constantFrom('c0', 'c1', 'c2', 'c3'),
        perSecond: rate,
        silentMs: fc.nat(20_000),
        needs: fc.dictionary(fc.constantFrom(...names), fc.constantFrom(0.5, 1), { minKeys: 1 }),
      }),
      { maxLength: 5 },
    ),
  });

  it('advises everybody who sends, never 0, never unknown', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const time = { nowMs: 0 };
        const advisor = createFrameRateAdvisor({ clock: () => time.nowMs });
        for (const { afterMs, pools, cameras } of steps) {
          time.nowMs += afterMs;
          for (const { framesPerSecond, limitedBy } of advisor.advise(pools, cameras)) {
            expect(framesPerSecond).toBeGreaterThan(0);
            expect(limitedBy === undefined).toBe(framesPerSecond === Infinity);
          }
        }
      }),
      { seed: 1957, numRuns: 300 },
    );
  });
});
