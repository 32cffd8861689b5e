import { parseServiceTime, serviceTimes } from './service-time.ts';

/** A generator with a seed (mulberry32). */
function seeded(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('service times', () => {
  it.each(['constant', 'uniform', 'exp', 'pareto'] as const)(
    'of shape %s have the mean asked for',
    (shape) => {
      const draw = serviceTimes({ meanMs: 20, shape }, seeded(7));
      const count = 400_000;
      let sum = 0;
      for (let i = 0; i < count; i++) sum += draw();
      expect(sum / count).toBeGreaterThan(19);
      expect(sum / count).toBeLessThan(21);
    },
  );

  it('of shape pareto are short mostly, sometimes very long, and bounded', () => {
    const draw = serviceTimes({ meanMs: 20, shape: 'pareto' }, seeded(7));
    const sorted = Array.from({ length: 100_000 }, draw).sort((a, b) => a - b);
    expect(sorted[50_000]).toBeLessThan(12);
    expect(sorted.at(-1)).toBeGreaterThan(1_000);
    expect(sorted.at(-1)).toBeLessThan(7_000);
  });

  it('of shape uniform are within a tenth of the mean', () => {
    const draw = serviceTimes({ meanMs: 20, shape: 'uniform' }, seeded(7));
    const drawn = Array.from({ length: 10_000 }, draw);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(18);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(22);
  });

  it.each([
    ['20', { meanMs: 20, shape: 'constant' }],
    ['40:uniform', { meanMs: 40, shape: 'uniform' }],
    ['2.5:exp', { meanMs: 2.5, shape: 'exp' }],
    ['200:pareto', { meanMs: 200, shape: 'pareto' }],
  ])('are read from %s', (text, expected) => expect(parseServiceTime(text)).toEqual(expected));

  it.each(['', '0', '20:normal', '-1', '20ms', '100000'])('refuse %j', (text) =>
    expect(parseServiceTime(text)).toBeUndefined(),
  );
});
