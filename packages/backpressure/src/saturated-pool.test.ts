/*
 * A pool under more than it can do, simulated in steps of a millisecond: gauge, rate and allowance in a loop, as an orchestrator
 * with policy `block` would wire them. What isn't read waits in the stream.
 */
import { intakeAllowance } from './intake-allowance.ts';
import { createPressureGauge } from './pressure-gauge.ts';
import { HIGH, NORMAL, type PressureLevel } from './pressure-level.ts';
import { createRateMeter } from './rate-meter.ts';

const PROCESSORS = 4;
const CREDITS_EACH = 2;
const SERVICE_MS = 40;
const POOL_PER_SECOND = (PROCESSORS * 1_000) / SERVICE_MS;
const WAITING_LIMIT = 200;
/** Twenty decisions a second. */
const POLL_MS = 50;

interface Setting {
  readonly arrivalsPerSecond: (nowMs: number) => number;
  readonly untilMs: number;
  /** Reads without asking the gauge: what the processors could do alone. */
  readonly unbounded?: boolean;
  readonly serviceMs?: () => number;
}

interface Outcome {
  readonly doneInSecond: number[];
  /** At the end of each second. */
  readonly levels: PressureLevel[];
  readonly mostWaiting: number;
  readonly mostOutstanding: number;
}

function simulate({ arrivalsPerSecond, untilMs, unbounded, serviceMs = () => SERVICE_MS }: Setting): Outcome {
  const time = { nowMs: 0 };
  const clock = (): number => time.nowMs;
  const gauge = createPressureGauge({ clock });
  const drain = createRateMeter({ clock });
  const stream: number[] = [];
  const room: number[] = [];
  const processors = Array.from({ length: PROCESSORS }, () => ({ queued: 0, doneAtMs: 0 }));
  const doneInSecond: number[] = [];
  const levels: PressureLevel[] = [];
  let due = 0;
  let mostWaiting = 0;
  let mostOutstanding = 0;
  for (; time.nowMs < untilMs; time.nowMs++) {
    const { nowMs } = time;
    for (due += arrivalsPerSecond(nowMs) / 1_000; due >= 1; due--) stream.push(nowMs);
    for (const processor of processors) {
      if (processor.queued === 0 || nowMs < processor.doneAtMs) continue;
      processor.queued--;
      drain.add();
      doneInSecond[Math.floor(nowMs / 1_000)] = (doneInSecond[Math.floor(nowMs / 1_000)] ?? 0) + 1;
      if (processor.queued > 0) processor.doneAtMs = nowMs + serviceMs();
    }
    const outstanding = processors.reduce((sum, { queued }) => sum + queued, 0);
    if (nowMs % POLL_MS === 0) {
      const capacity = PROCESSORS * CREDITS_EACH;
      const oldestWaitMs = room.length > 0 ? nowMs - (room[0] as number) : 0;
      const figures = { waiting: room.length, waitingLimit: WAITING_LIMIT };
      const { rate } = gauge.observe('pool', { ...figures, outstanding, capacity, oldestWaitMs });
      const intake = { ...figures, credits: capacity - outstanding, drainPerSecond: drain.perSecond() };
      room.push(...stream.splice(0, unbounded ? Infinity : intakeAllowance(intake, rate)));
    }
    for (const processor of processors) {
      while (processor.queued < CREDITS_EACH && room.length > 0) {
        room.shift();
        if (processor.queued++ === 0) processor.doneAtMs = nowMs + serviceMs();
      }
    }
    mostWaiting = Math.max(mostWaiting, room.length);
    mostOutstanding = Math.max(
      mostOutstanding,
      processors.reduce((sum, { queued }) => sum + queued, 0),
    );
    if (nowMs % 1_000 === 999) levels.push(gauge.overall().level);
  }
  return { doneInSecond, levels, mostWaiting, mostOutstanding };
}

describe('a pool under twice its load', () => {
  const outcome = simulate({ arrivalsPerSecond: () => 2 * POOL_PER_SECOND, untilMs: 60_000 });

  it('does in every second what it can do: no sawtooth', () => {
    const steady = outcome.doneInSecond.slice(1);
    expect(Math.min(...steady)).toBeGreaterThanOrEqual(0.98 * POOL_PER_SECOND);
  });

  it('reaches high within five seconds, and stays', () => {
    expect(Math.min(...outcome.levels.slice(4))).toBeGreaterThanOrEqual(HIGH);
  });

  it('holds no more than room and credits', () => {
    expect(outcome.mostWaiting).toBeLessThanOrEqual(WAITING_LIMIT + PROCESSORS * CREDITS_EACH);
    expect(outcome.mostOutstanding).toBeLessThanOrEqual(PROCESSORS * CREDITS_EACH);
  });
});

describe('a pool under exactly its load', () => {
  it('is not throttled', () => {
    const { doneInSecond, levels } = simulate({
      arrivalsPerSecond: () => POOL_PER_SECOND,
      untilMs: 30_000,
    });
    expect(Math.min(...doneInSecond.slice(1))).toBeGreaterThanOrEqual(0.98 * POOL_PER_SECOND);
    expect(new Set(levels)).toEqual(new Set([NORMAL]));
  });
});

describe('a pool with service times that vary', () => {
  it('does at least 0.98 of what it would do with everything in front of it', () => {
    /** Exponential, from a fixed seed (mulberry32). */
    const varying = (): (() => number) => {
      let state = 42;
      return () => {
        state = (state + 0x6d2b79f5) | 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return -SERVICE_MS * Math.log(1 - ((t ^ (t >>> 14)) >>> 0) / 2 ** 32);
      };
    };
    const load = { arrivalsPerSecond: () => 2 * POOL_PER_SECOND, untilMs: 60_000 };
    const sum = (outcome: Outcome): number => outcome.doneInSecond.reduce((a, b) => a + b, 0);
    const alone = sum(simulate({ ...load, unbounded: true, serviceMs: varying() }));
    expect(sum(simulate({ ...load, serviceMs: varying() }))).toBeGreaterThanOrEqual(0.98 * alone);
  });
});

describe('a pool after an overload', () => {
  it('returns to normal when its backlog is done', () => {
    const { levels } = simulate({
      arrivalsPerSecond: (nowMs) => (nowMs < 10_000 ? 2 * POOL_PER_SECOND : 0.5 * POOL_PER_SECOND),
      untilMs: 40_000,
    });
    expect(levels[9]).toBeGreaterThanOrEqual(HIGH);
    // 1000 frames are left, and go at 50 a second: 20 s, and the dwell.
    expect(levels.slice(34)).toEqual(Array(6).fill(NORMAL));
  });
});
