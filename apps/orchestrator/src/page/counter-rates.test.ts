import { createCounterRates } from './counter-rates.ts';

it('gives the rate over the last five seconds', () => {
  const rates = createCounterRates<'in'>();
  expect(rates.perSecond('in')).toBeNull();
  for (let second = 0; second <= 10; second++)
    rates.add(second * 1_000, { in: second * (second < 5 ? 10 : 20) });
  expect(rates.perSecond('in')).toBe(20);
});

it('is unknown, not negative, when a total begins anew', () => {
  const rates = createCounterRates<'in'>();
  rates.add(0, { in: 100 });
  rates.add(1_000, { in: 3 });
  expect(rates.perSecond('in')).toBeNull();
  expect(rates.added('in', 60_000)).toBe(0);
});

it('says what was added in the last minute', () => {
  const rates = createCounterRates<'in'>();
  for (let second = 0; second <= 120; second++)
    rates.add(second * 1_000, { in: second === 30 ? 7 : second < 30 ? 0 : 7 });
  expect(rates.added('in', 60_000)).toBe(0);
  rates.add(121_000, { in: 9 });
  expect(rates.added('in', 60_000)).toBe(2);
});
