import type { PoolReading } from './pool-pressure.ts';
import {
  type OverallLevelChange,
  type PoolLevelChange,
  type PressureGaugeOptions,
  createPressureGauge,
} from './pressure-gauge.ts';
import {
  CRITICAL,
  HIGH,
  LEVEL_NAMES,
  MODERATE,
  NORMAL,
  consumptionRate,
  levelName,
} from './pressure-level.ts';

function timeline(options: Partial<PressureGaugeOptions> = {}) {
  const time = { nowMs: 0 };
  const gauge = createPressureGauge({ dwellMs: 1_000, clock: () => time.nowMs, ...options });
  return { gauge, time };
}

const CALM: PoolReading = { outstanding: 0, capacity: 10, waiting: 0, waitingLimit: 90, oldestWaitMs: 0 };

describe('the pressure of a pool', () => {
  it('is its fill, of credits and waiting room together', () => {
    const { gauge } = timeline();
    const state = gauge.observe('faces', { ...CALM, outstanding: 10, waiting: 75 });
    expect(state).toMatchObject({ pressure: 0.85, cause: 'fill', level: HIGH, rate: 0.5 });
  });

  it('is its oldest frame, though the fill looks fine', () => {
    const { gauge } = timeline({ waitLimitMs: 500 });
    const state = gauge.observe('faces', { ...CALM, outstanding: 10, waiting: 2, oldestWaitMs: 480 });
    expect(state).toMatchObject({ pressure: 0.96, cause: 'wait', fill: 0.12, level: CRITICAL });
  });

  it('is what it sheds, though its queue is short', () => {
    const { gauge } = timeline();
    const state = gauge.observe('faces', { ...CALM, waiting: 4, oldestWaitMs: 50, shedRatio: 0.5 });
    expect(state).toMatchObject({ pressure: 2, cause: 'shed', level: CRITICAL });
  });

  it('is normal where all processors are busy and nobody waits', () => {
    const { gauge } = timeline();
    expect(gauge.observe('faces', { ...CALM, outstanding: 10 }).level).toBe(NORMAL);
  });

  it('is none where there is neither a processor nor a frame', () => {
    const { gauge } = timeline();
    const nothing = { outstanding: 0, capacity: 0, waiting: 0, waitingLimit: 0, oldestWaitMs: 0 };
    expect(gauge.observe('faces', nothing)).toMatchObject({ pressure: 0, level: NORMAL });
  });

  it('goes by what is known', () => {
    const { gauge } = timeline();
    const state = gauge.observe('faces', { ...CALM, outstanding: Number.NaN, oldestWaitMs: 700 });
    expect(state).toMatchObject({ pressure: 0.7, cause: 'wait', fill: Number.NaN, level: MODERATE });
  });

  it('holds its level where nothing is known', () => {
    const { gauge, time } = timeline();
    gauge.observe('faces', { ...CALM, oldestWaitMs: 850 });
    time.nowMs = 60_000;
    const state = gauge.observe('faces', { ...CALM, outstanding: Number.NaN, oldestWaitMs: Number.NaN });
    expect(state).toMatchObject({ pressure: Number.NaN, cause: undefined, level: HIGH });
  });

  it('may have limits of its own', () => {
    const { gauge } = timeline();
    const slow = { ...CALM, oldestWaitMs: 5_000 };
    expect(gauge.observe('plates', slow, { waitLimitMs: 10_000 }).pressure).toBe(0.5);
  });
});

describe('the overall level', () => {
  it('is the worst pool’s', () => {
    const { gauge } = timeline();
    gauge.observe('objects', { ...CALM, oldestWaitMs: 700 });
    gauge.observe('faces', { ...CALM, oldestWaitMs: 850 });
    gauge.observe('plates', CALM);
    expect(gauge.overall()).toMatchObject({ level: HIGH, rate: 0.5, worst: { pool: 'faces' } });
  });

  it('leaves the other pools their own', () => {
    const { gauge } = timeline();
    gauge.observe('faces', { ...CALM, oldestWaitMs: 2_000 });
    gauge.observe('objects', CALM);
    expect(gauge.pool('objects')).toMatchObject({ level: NORMAL, rate: 1 });
    expect(gauge.pools().map(({ pool, level }) => [pool, level])).toEqual([
      ['faces', CRITICAL],
      ['objects', NORMAL],
    ]);
  });

  it('is normal without pools, also after the last one was forgotten', () => {
    const { gauge } = timeline();
    expect(gauge.overall()).toEqual({ level: NORMAL, rate: 1, worst: undefined });
    gauge.observe('faces', { ...CALM, oldestWaitMs: 2_000 });
    gauge.forget('faces');
    expect(gauge.overall()).toEqual({ level: NORMAL, rate: 1, worst: undefined });
  });
});

describe('events', () => {
  it('tell each change once, of the pool and overall', () => {
    const { gauge, time } = timeline();
    const pool: PoolLevelChange[] = [];
    const overall: OverallLevelChange[] = [];
    gauge.onPoolLevelChange((change) => pool.push(change));
    const dispose = gauge.onOverallLevelChange((change) => overall.push(change));
    gauge.observe('faces', { ...CALM, oldestWaitMs: 2_000 });
    gauge.observe('objects', { ...CALM, oldestWaitMs: 2_000 });
    gauge.observe('faces', { ...CALM, oldestWaitMs: 2_000 });
    gauge.observe('faces', CALM);
    time.nowMs = 1_000;
    gauge.observe('faces', CALM);
    expect(pool.map(({ state, from, to }) => [state.pool, from, to])).toEqual([
      ['faces', NORMAL, CRITICAL],
      ['objects', NORMAL, CRITICAL],
      ['faces', CRITICAL, NORMAL],
    ]);
    expect(overall.map(({ from, to }) => [from, to])).toEqual([[NORMAL, CRITICAL]]);
    dispose();
    gauge.forget('objects');
    expect(overall).toHaveLength(1);
  });

  it('survive a listener that throws', () => {
    const errors: unknown[] = [];
    const { gauge } = timeline({ onListenerError: (error) => errors.push(error) });
    gauge.onPoolLevelChange(() => {
      throw new Error('listener');
    });
    expect(gauge.observe('faces', { ...CALM, oldestWaitMs: 2_000 }).level).toBe(CRITICAL);
    expect(errors).toHaveLength(1);
  });
});

describe('a clock that steps back', () => {
  it('does not hold the level for the length of the step', () => {
    const { gauge, time } = timeline();
    time.nowMs = 1e9;
    gauge.observe('faces', { ...CALM, oldestWaitMs: 2_000 });
    time.nowMs = 0;
    gauge.observe('faces', CALM);
    time.nowMs = 1_000;
    expect(gauge.observe('faces', CALM).level).toBe(NORMAL);
  });
});

describe('levels', () => {
  it('have names and rates', () => {
    const table = ([NORMAL, MODERATE, HIGH, CRITICAL] as const).map((level) => [
      levelName(level),
      consumptionRate(level),
    ]);
    expect(table).toEqual([
      ['normal', 1],
      ['moderate', 0.8],
      ['high', 0.5],
      ['critical', 0],
    ]);
    expect(LEVEL_NAMES).toHaveLength(4);
  });
});

describe('options', () => {
  it.each(['waitLimitMs', 'shedLimitRatio', 'dwellMs'])('refuses a %s out of range, by name', (name) => {
    expect(() => createPressureGauge({ [name]: -1 })).toThrow(RangeError);
    expect(() => createPressureGauge({ [name]: -1 })).toThrow(name);
  });
});
