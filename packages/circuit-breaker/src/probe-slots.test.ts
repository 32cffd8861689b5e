import fc from 'fast-check';
import { MAX_TOKEN, NO_TOKEN } from './permit.ts';
import { ProbeSlots } from './probe-slots.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

describe('probe slots', () => {
  it('give as many tokens as there are slots, all different', () => {
    const slots = new ProbeSlots(5);
    const tokens = Array.from({ length: 8 }, () => slots.acquire(1));
    expect(new Set(tokens.slice(0, 5)).size).toBe(5);
    expect(tokens.slice(5)).toEqual([NO_TOKEN, NO_TOKEN, NO_TOKEN]);
  });

  it('never give a token again that is in flight, however many came and went', () => {
    const slots = new ProbeSlots(2);
    const held = slots.acquire(1);
    for (let i = 0; i < 3 * MAX_TOKEN; i++) {
      const token = slots.acquire(1);
      expect(token).not.toBe(held);
      slots.release(token);
    }
    expect(slots.release(held)).toBe(true);
  });

  it('know the earliest deadline and how many are over', () => {
    const deadlines = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(deadlines, fc.integer({ min: 0, max: 1_000 }), (deadlinesMs, nowMs) => {
        const slots = new ProbeSlots(20);
        for (const deadlineMs of deadlinesMs) slots.acquire(deadlineMs);
        expect(slots.earliestDeadlineMs()).toBe(Math.min(...deadlinesMs));
        expect(slots.expiredBy(nowMs)).toBe(deadlinesMs.filter((ms) => ms <= nowMs).length);
      }),
    );
  });

  it('have no deadline when nothing is in flight', () => {
    const slots = new ProbeSlots(2);
    slots.release(slots.acquire(7));
    expect(slots.earliestDeadlineMs()).toBe(Infinity);
  });

  it('do not release what is not in flight', () => {
    const slots = new ProbeSlots(2);
    expect([slots.release(NO_TOKEN), slots.release(77)]).toEqual([false, false]);
    expect(slots.inFlight).toBe(0);
  });
});
