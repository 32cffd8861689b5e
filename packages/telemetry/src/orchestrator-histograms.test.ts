import { createOrchestratorMetrics } from './orchestrator-metrics.ts';

function metricsOf() {
  return createOrchestratorMetrics({ version: '1.2.3', routingStrategy: 'least_loaded' });
}

/** Series to value: `name{label="value"}`. */
function seriesIn(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, series, value] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) as unknown as [string, string, string];
      return [series, value === 'Nan' || value === 'NaN' ? NaN : Number(value)];
    }),
  );
}

describe('histograms', () => {
  it('have cumulative buckets, sum and count', async () => {
    const metrics = metricsOf();
    for (const seconds of [0.0005, 0.002, 0.002, 1000]) metrics.frameAge('handed_off', seconds);
    const series = seriesIn(await metrics.text());
    const bucket = (le: string) =>
      series[`frame_buffer_frame_age_seconds_bucket{stage="handed_off",le="${le}"}`];
    expect([bucket('0.001'), bucket('0.003'), bucket('300'), bucket('+Inf')]).toEqual([1, 3, 3, 4]);
    expect(series['frame_buffer_frame_age_seconds_sum{stage="handed_off"}']).toBeCloseTo(1000.0045);
    expect(series['frame_buffer_frame_age_seconds_count{stage="handed_off"}']).toBe(4);
  });

  it('count a value on a bound within it, as Prometheus asks', async () => {
    const metrics = metricsOf();
    metrics.frameAge('s', 0.015);
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frame_age_seconds_bucket{stage="s",le="0.01"}']).toBe(0);
    expect(series['frame_buffer_frame_age_seconds_bucket{stage="s",le="0.015"}']).toBe(1);
  });

  it('do not count an unknown age, and take one from the future for none', async () => {
    const metrics = metricsOf();
    metrics.frameAge('s', NaN);
    metrics.frameAge('s', -3);
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frame_age_seconds_count{stage="s"}']).toBe(1);
    expect(series['frame_buffer_frame_age_seconds_sum{stage="s"}']).toBe(0);
  });

  it('give each decision of a batch its share, and each frame of a hand-off the whole', async () => {
    const metrics = metricsOf();
    metrics.routingDuration(0.000008, 4);
    metrics.handoffDuration(0.002, 4);
    metrics.routingDuration(0.5, 0);
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_routing_duration_seconds_sum']).toBeCloseTo(0.000008);
    expect(series['frame_buffer_routing_duration_seconds_bucket{le="0.000002"}']).toBe(4);
    expect(series['frame_buffer_routing_duration_seconds_count']).toBe(4);
    expect(series['frame_buffer_handoff_duration_seconds_sum']).toBeCloseTo(0.008);
  });
});
