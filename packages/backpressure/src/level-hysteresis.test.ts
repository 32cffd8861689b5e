import fc from 'fast-check';
import { LevelHysteresis } from './level-hysteresis.ts';
import { CRITICAL, HIGH, MODERATE, NORMAL } from './pressure-level.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const DWELL_MS = 1_000;

/** Feeds one pressure after another, 100 ms apart, and gives the levels. */
function levels(...pressures: number[]): number[] {
  const hysteresis = new LevelHysteresis({ dwellMs: DWELL_MS });
  return pressures.map((pressure, i) => hysteresis.observe(pressure, i * 100));
}

const repeated = (pressure: number, times: number): number[] => Array<number>(times).fill(pressure);

describe('going up', () => {
  it('enters each level at its threshold, at once', () => {
    expect(levels(0.59, 0.6, 0.79, 0.8, 0.94, 0.95)).toEqual([0, 1, 1, 2, 2, 3]);
  });

  it('may skip levels', () => {
    expect(levels(0, 1.7)).toEqual([NORMAL, CRITICAL]);
  });
});

describe('going down', () => {
  it('waits for the dwell', () => {
    const seen = levels(0.7, ...repeated(0.3, 12));
    expect(seen.lastIndexOf(MODERATE)).toBe(10);
    expect(seen.at(-1)).toBe(NORMAL);
  });

  it('goes as far as the pressure stayed below, in one step', () => {
    expect(levels(1, ...repeated(0.3, 12)).slice(-3)).toEqual([CRITICAL, NORMAL, NORMAL]);
    expect(levels(1, ...repeated(0.55, 12)).slice(-3)).toEqual([CRITICAL, MODERATE, MODERATE]);
    expect(levels(1, ...repeated(0.7, 12)).slice(-3)).toEqual([CRITICAL, HIGH, HIGH]);
  });

  it('stays where the pressure is between leave and enter', () => {
    expect(levels(0.8, ...repeated(0.66, 50)).at(-1)).toBe(HIGH);
  });

  it('begins the dwell anew after one relapse', () => {
    const seen = levels(0.7, ...repeated(0.3, 9), 0.5, ...repeated(0.3, 10));
    expect(new Set(seen)).toEqual(new Set([MODERATE]));
  });
});

describe('without a reading', () => {
  it('neither rises nor falls', () => {
    expect(new Set(levels(0.85, ...repeated(Number.NaN, 50)))).toEqual(new Set([HIGH]));
  });

  it('has no evidence of calm', () => {
    const seen = levels(0.7, ...repeated(0.3, 9), Number.NaN, ...repeated(0.3, 10));
    expect(new Set(seen)).toEqual(new Set([MODERATE]));
  });
});

describe('a clock that steps back', () => {
  it('counts as no time, and does not stop the dwell', () => {
    const hysteresis = new LevelHysteresis({ dwellMs: DWELL_MS });
    hysteresis.observe(0.7, 1e9);
    hysteresis.observe(0.1, 1e9);
    expect(hysteresis.observe(0.1, 0)).toBe(MODERATE);
    expect(hysteresis.observe(0.1, 999)).toBe(MODERATE);
    expect(hysteresis.observe(0.1, 1_000)).toBe(NORMAL);
  });
});

describe('against the definition', () => {
  const ENTER = [0.6, 0.8, 0.95];
  const LEAVE = [0.5, 0.65, 0.8];
  const sample = fc.record({
    pressure: fc.oneof(
      fc.double({ min: 0, max: 1.2, noNaN: true }),
      fc.constantFrom(0.3, ...ENTER, ...LEAVE, Number.NaN),
    ),
    afterMs: fc.integer({ min: 0, max: 600 }),
  });

  it('is the level that the whole history gives', () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 80 }), (samples) => {
        const hysteresis = new LevelHysteresis({ dwellMs: DWELL_MS });
        const history: { pressure: number; atMs: number }[] = [];
        let nowMs = 0;
        let level = 0;
        /** Whether the pressure has been below what leaves `of` at every sample since some sample a dwell ago. */
        const calm = (of: number): boolean => {
          const lastNot = history.findLastIndex(({ pressure }) => !(pressure < (LEAVE[of - 1] as number)));
          const first = history[lastNot + 1];
          return first !== undefined && nowMs - first.atMs >= DWELL_MS;
        };
        for (const { pressure, afterMs } of samples) {
          nowMs += afterMs;
          history.push({ pressure, atMs: nowMs });
          const entered = ENTER.filter((threshold) => pressure >= threshold).length;
          while (level > 0 && calm(level)) level--;
          level = Math.max(level, entered);
          expect(hysteresis.observe(pressure, nowMs)).toBe(level);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('options', () => {
  it.each([
    ['enter[1]', { enter: [0.6, 0.5, 0.95] as const }],
    ['leave[0]', { leave: [0.7, 0.75, 0.8] as const }],
    ['leave[2]', { leave: [0.1, 0.2, 0.15] as const }],
    ['dwellMs', { dwellMs: -1 }],
  ])('refuses %s out of range, by name', (name, options) => {
    expect(() => new LevelHysteresis(options)).toThrow(RangeError);
    expect(() => new LevelHysteresis(options)).toThrow(name);
  });
});
