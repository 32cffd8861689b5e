import { latencyOf, latencyText } from './latency.ts';

it('is the nearest rank, whatever the order', () => {
  const times = Array.from({ length: 100 }, (_none, i) => 100 - i);
  expect(latencyOf(times)).toEqual({ p50: 50, p99: 99 });
});

it('leaves out what never arrived, and is unknown where nothing did', () => {
  expect(latencyOf([NaN, 3])).toEqual({ p50: 3, p99: 3 });
  expect(latencyText(latencyOf([]))).toBe('p50 NaN ms, p99 NaN ms');
});
