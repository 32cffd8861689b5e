import fc from 'fast-check';
import { createPacer, type Pacer } from './pacer.ts';

/** Places of the pictures that go, of a camera with so many a second. */
function going(pacer: Pacer, perSecond: number, pictures: number, jitterMs = 0): number[] {
  const gone: number[] = [];
  for (let i = 0; i < pictures; i++) {
    const nowMs = (i * 1000) / perSecond + (i % 2) * jitterMs;
    if (pacer.take(nowMs)) gone.push(i);
  }
  return gone;
}

describe('a pacer', () => {
  it('lets everything go until it is told a limit', () => {
    expect(going(createPacer(), 30, 90)).toHaveLength(90);
  });

  it.each([
    [30, 10],
    [30, 12.5],
    [25, 24],
    [10, 0.5],
  ])('of %d pictures a second leaves %d, evenly', (perSecond, limit) => {
    const pacer = createPacer();
    pacer.limit(limit, 0);
    const gone = going(pacer, perSecond, perSecond * 20);
    expect(Math.abs(gone.length - limit * 20)).toBeLessThanOrEqual(1.5);
    const steps = gone.slice(1).map((at, i) => at - (gone[i] ?? 0));
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
  });

  it('leaves nothing out of a camera that sends what it may, however unevenly', () => {
    const pacer = createPacer();
    pacer.limit(26, 0);
    expect(going(pacer, 25, 500, 15).length).toBeGreaterThanOrEqual(498);
  });

  it('lets nothing go at 0, and all again without a limit', () => {
    const pacer = createPacer();
    pacer.limit(0, 0);
    expect(going(pacer, 30, 300).length).toBeLessThanOrEqual(1);
    pacer.limit(Infinity, 10_000);
    expect(going(pacer, 30, 30)).toHaveLength(30);
  });

  it('goes on when the clock steps back', () => {
    const pacer = createPacer();
    pacer.limit(10, 3_600_000);
    expect(going(pacer, 30, 60).length).toBeGreaterThanOrEqual(18);
  });

  it('never lets more go than the limit and its slack, whatever comes', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(gaps, fc.double({ min: 0.1, max: 60, noNaN: true }), (afterMs, limit) => {
        const pacer = createPacer();
        pacer.limit(limit, 0);
        let nowMs = 0;
        let gone = 0;
        for (const gap of afterMs) if (pacer.take((nowMs += gap))) gone++;
        expect(gone).toBeLessThanOrEqual(1 + limit * (nowMs / 1000 + 0.5) + 1e-6);
      }),
      { seed: 7 },
    );
  });
});
