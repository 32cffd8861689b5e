import fc from 'fast-check';
import { scheduleOf } from './random-schedule.ts';

describe('scheduleOf', () => {
  it('gives the same schedule for the same seed', () => {
    fc.assert(fc.property(fc.nat(), (seed) => expect(scheduleOf(seed)).toEqual(scheduleOf(seed))));
  });

  it('gives other schedules for other seeds', () => {
    const texts = Array.from({ length: 50 }, (_none, seed) => JSON.stringify(scheduleOf(seed)));
    expect(new Set(texts).size).toBe(50);
  });

  it('strikes orchestrators and processors at least twice, and Redis with nothing but what ends or halts it', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const { orchestrators, processors, redis } = scheduleOf(seed);
        expect(Math.min(orchestrators.length, processors.length)).toBeGreaterThanOrEqual(2);
        for (const { act } of redis) expect(['kill', 'terminate', 'pause']).toContain(act);
      }),
    );
  });
});
