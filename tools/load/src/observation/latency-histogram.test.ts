import { latencyHistogram } from './latency-histogram.ts';

describe('the latency histogram', () => {
  it('gives percentiles in ms with three digits', () => {
    const histogram = latencyHistogram();
    for (let i = 1; i <= 1000; i++) histogram.record(i / 10);
    expect(histogram.summary()).toMatchObject({ count: 1000, p50: 50.015, p99: 99.007, max: 100 });
  });

  it('says null where nothing was recorded', () => {
    expect(latencyHistogram().summary()).toEqual({
      count: 0,
      mean: null,
      p50: null,
      p90: null,
      p99: null,
      p999: null,
      max: null,
    });
  });

  it('keeps what is beyond its range at its ends', () => {
    const histogram = latencyHistogram();
    histogram.record(-5);
    histogram.record(1e9);
    expect(histogram.summary()).toMatchObject({ count: 2, p50: 0.001 });
    expect(histogram.summary().max).toBeGreaterThan(3_590_000);
  });

  it('prints its distribution as HdrHistogram does', () => {
    const histogram = latencyHistogram();
    histogram.record(12.5);
    expect(histogram.distribution()).toMatch(/Value +Percentile TotalCount[^]*12\.503 1\.0+ +1[^]*Max/);
  });
});
