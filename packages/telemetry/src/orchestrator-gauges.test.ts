import { createOrchestratorMetrics, type OrchestratorMetricsOptions } from './orchestrator-metrics.ts';

function metricsOf(options: Partial<OrchestratorMetricsOptions> = {}) {
  return createOrchestratorMetrics({ version: '1.2.3', routingStrategy: 'least_loaded', ...options });
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

const busy = {
  level: () => 2,
  consumptionRate: () => 0.5,
  consumerLag: () => 12,
  unaccounted: () => 0,
  queueDepth: () => [['p-1', 3] as const, ['p-2', undefined] as const],
  waitingFrames: () => [['face_detection', 'high', 4] as const],
  oldestWaiting: () => [['face_detection', 1.5] as const],
  circuitState: () => [['p-1', 'closed'] as const, ['p-2', 'half_open'] as const],
  silentCameras: () => 1,
  redisUp: () => true,
  redisPolicyOk: () => false,
  redisMemoryUsed: () => 2e9,
  redisMemoryLimit: () => 4e9,
};

describe('gauges', () => {
  it('are read at the scrape', async () => {
    const metrics = metricsOf({ figures: busy });
    expect(seriesIn(await metrics.text())).toMatchObject({
      frame_buffer_backpressure_level: 2,
      frame_buffer_consumption_rate: 0.5,
      frame_buffer_consumer_lag: 12,
      frame_buffer_frames_unaccounted: 0,
      'frame_buffer_processor_queue_depth{processor_id="p-1"}': 3,
      'frame_buffer_processor_queue_depth{processor_id="p-2"}': NaN,
      'frame_buffer_waiting_frames{capability="face_detection",priority="high"}': 4,
      'frame_buffer_oldest_waiting_seconds{capability="face_detection"}': 1.5,
      'frame_buffer_circuit_state{processor_id="p-1"}': 0,
      'frame_buffer_circuit_state{processor_id="p-2"}': 2,
      frame_buffer_silent_cameras: 1,
      frame_buffer_redis_up: 1,
      frame_buffer_redis_policy_ok: 0,
      frame_buffer_redis_memory_used_bytes: 2e9,
      frame_buffer_redis_memory_limit_bytes: 4e9,
    });
  });

  it.each([
    'frame_buffer_backpressure_level',
    'frame_buffer_consumption_rate',
    'frame_buffer_consumer_lag',
    'frame_buffer_frames_unaccounted',
    'frame_buffer_silent_cameras',
    'frame_buffer_redis_up',
    'frame_buffer_redis_policy_ok',
    'frame_buffer_redis_memory_used_bytes',
    'frame_buffer_redis_memory_limit_bytes',
  ])('%s is NaN where unknown, never 0', async (name) => {
    expect(seriesIn(await metricsOf().text())[name]).toBeNaN();
  });

  it('are NaN, and the others unharmed, where their source throws', async () => {
    const metrics = metricsOf();
    const broken = (): never => {
      throw new Error('no Redis');
    };
    metrics.observe({ ...busy, unaccounted: broken, queueDepth: broken });
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frames_unaccounted']).toBeNaN();
    expect(Object.keys(series).filter((key) => key.includes('queue_depth'))).toEqual([]);
    expect(series['frame_buffer_backpressure_level']).toBe(2);
  });

  it('take sources that come later, one by one', async () => {
    const metrics = metricsOf({ figures: { level: () => 1 } });
    metrics.observe({ consumerLag: () => 5 });
    const series = seriesIn(await metrics.text());
    expect([series['frame_buffer_backpressure_level'], series['frame_buffer_consumer_lag']]).toEqual([1, 5]);
  });

  it('of a removed processor disappear with it', async () => {
    const processors = new Map([
      ['a', 1],
      ['b', 2],
    ]);
    const metrics = metricsOf({ figures: { queueDepth: () => processors } });
    await metrics.text();
    processors.delete('a');
    const text = await metrics.text();
    expect(text).not.toContain('queue_depth{processor_id="a"}');
    expect(text).toContain('queue_depth{processor_id="b"} 2');
  });
});
