import { Registry } from 'prom-client';
import { ORCHESTRATOR_METRICS } from './metric-names.ts';
import { createOrchestratorMetrics, type OrchestratorMetricsOptions } from './orchestrator-metrics.ts';

/** Section 7 of the design, and what the alerts need besides, written out once more on purpose: others rely on it. */
const DESIGN: Record<string, [type: string, ...labels: string[]]> = {
  frame_buffer_frames_consumed_total: ['counter'],
  frame_buffer_frames_routed_total: ['counter', 'processor_id', 'camera_id', 'result'],
  frame_buffer_frames_distributed_total: ['counter', 'processor_id', 'status'],
  frame_buffer_routing_duration_seconds: ['histogram'],
  frame_buffer_handoff_duration_seconds: ['histogram'],
  frame_buffer_frame_age_seconds: ['histogram', 'stage'],
  frame_buffer_backpressure_level: ['gauge'],
  frame_buffer_consumption_rate: ['gauge'],
  frame_buffer_processor_queue_depth: ['gauge', 'processor_id'],
  frame_buffer_waiting_frames: ['gauge', 'capability', 'priority'],
  frame_buffer_oldest_waiting_seconds: ['gauge', 'capability'],
  frame_buffer_circuit_state: ['gauge', 'processor_id'],
  frame_buffer_consumer_lag: ['gauge'],
  frame_buffer_frames_shed_total: ['counter', 'reason'],
  frame_buffer_frames_lost_total: ['counter', 'reason'],
  frame_buffer_frames_dead_lettered_total: ['counter', 'reason'],
  frame_buffer_spans_lost_total: ['counter'],
  frame_buffer_frames_unaccounted: ['gauge'],
  frame_buffer_orchestrator_info: ['gauge', 'version', 'routing_strategy'],
  frame_buffer_camera_last_frame_timestamp_seconds: ['gauge', 'camera_id'],
  frame_buffer_silent_cameras: ['gauge'],
  frame_buffer_processor_deaths_total: ['counter'],
  frame_buffer_redis_up: ['gauge'],
  frame_buffer_redis_policy_ok: ['gauge'],
  frame_buffer_redis_memory_used_bytes: ['gauge'],
  frame_buffer_redis_memory_limit_bytes: ['gauge'],
};

function metricsOf(options: Partial<OrchestratorMetricsOptions> = {}) {
  return createOrchestratorMetrics({ version: '1.2.3', routingStrategy: 'least_loaded', ...options });
}

function typesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
  );
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
  lost: () => [['trimmed_unread', 3] as const],
  cameraLastFrame: () => [['cam-1', 1_700_000_000] as const, ['cam-2', 1_700_000_001.5] as const],
};

function everythingCounted(options: Partial<OrchestratorMetricsOptions> = {}) {
  const metrics = metricsOf({ figures: busy, ...options });
  metrics.consumed(10);
  metrics.routed('p-1', 'cam-1', 'handed_off');
  metrics.distributed('p-1', 'sent', 7);
  metrics.routingDuration(0.000008, 4);
  metrics.handoffDuration(0.0021, 4);
  metrics.frameAge('handed_off', 0.002);
  metrics.shed('drop_oldest', 2);
  metrics.deadLettered('bad_record');
  return metrics;
}

it('counts no frame where counting is off, and shows the rest', async () => {
  const metrics = metricsOf({ counting: false, figures: { unaccounted: () => 0 } });
  metrics.consumed(3);
  metrics.routed('p', 'c', 'routed');
  metrics.distributed('p', 'handed_off');
  metrics.frameAge('handed_off', 1);
  metrics.deadLettered('bad_record');
  const text = await metrics.text();
  expect(text).not.toMatch(/^frame_buffer_frames_(routed|distributed)_total\{/m);
  expect(text).toMatch(/^frame_buffer_frames_consumed_total 0$/m);
  expect(text).toMatch(/^frame_buffer_frames_dead_lettered_total\{reason="bad_record"\} 1$/m);
  expect(text).toMatch(/^frame_buffer_frames_unaccounted 0$/m);
});

describe('the exposition', () => {
  it('has every metric of the design with its type', async () => {
    const expected = Object.entries(DESIGN).map(([name, [type]]) => [name, type]);
    expect(typesIn(await everythingCounted().text())).toEqual(Object.fromEntries(expected));
  });

  it('has their types and help before anything was counted, too', async () => {
    const text = await metricsOf().text();
    expect(Object.keys(typesIn(text)).sort()).toEqual(Object.keys(DESIGN).sort());
    expect(text.match(/^# HELP \S+ .{10,}$/gm)).toHaveLength(Object.keys(DESIGN).length);
  });

  it.each(Object.entries(DESIGN))('labels %s as the design says', async (name, [, ...labels]) => {
    const series = Object.keys(seriesIn(await everythingCounted().text())).filter((key) =>
      key
        .replace(/\{.*/, '')
        .replace(/_(bucket|sum|count)$/, '')
        .startsWith(name),
    );
    expect(series.length).toBeGreaterThan(0);
    for (const key of series) {
      const found = [...key.matchAll(/([a-z_]+)="/g)]
        .map((match) => match[1])
        .filter((label) => label !== 'le');
      expect(found.sort()).toEqual([...labels].sort());
    }
  });

  it('says what runs', async () => {
    expect(seriesIn(await metricsOf().text())).toMatchObject({
      'frame_buffer_orchestrator_info{version="1.2.3",routing_strategy="least_loaded"}': 1,
    });
  });

  it('is text of version 0.0.4', () => {
    expect(metricsOf().contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  });

  it('goes to a registry that is given', async () => {
    const register = new Registry();
    metricsOf({ register }).consumed(2);
    expect(await register.getSingleMetricAsString('frame_buffer_frames_consumed_total')).toContain(' 2');
  });

  it('escapes what cameras call themselves', async () => {
    const metrics = metricsOf();
    metrics.routed('p', 'door "A"\n\\', 'handed_off');
    expect(await metrics.text()).toContain('camera_id="door \\"A\\"\\n\\\\"');
  });
});

describe('bounded labels', () => {
  it('have no camera where that is switched off', async () => {
    const metrics = metricsOf({ cameraLabel: false });
    metrics.routed('p', 'cam-1', 'ok');
    metrics.routed('p', 'cam-2', 'ok');
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frames_routed_total{processor_id="p",result="ok"}']).toBe(2);
  });

  it('call cameras beyond the bound other', async () => {
    const metrics = metricsOf({ maxCameras: 2 });
    for (const camera of ['a', 'b', 'c', 'd', 'a']) metrics.routed('p', camera, 'ok');
    const routed = Object.entries(seriesIn(await metrics.text())).filter(([key]) => key.includes('_routed_'));
    expect(routed.map(([key, value]) => [/camera_id="(.*?)"/.exec(key)?.[1], value])).toEqual([
      ['a', 2],
      ['b', 1],
      ['other', 2],
    ]);
  });

  it('hold for the last frames of cameras as well', async () => {
    const last = (options: Partial<OrchestratorMetricsOptions>) =>
      metricsOf({ figures: busy, ...options })
        .text()
        .then((text) => Object.entries(seriesIn(text)).filter(([key]) => key.includes('_last_frame_')));
    const first = ['frame_buffer_camera_last_frame_timestamp_seconds{camera_id="cam-1"}', 1_700_000_000];
    expect(await last({ maxCameras: 1 })).toEqual([first]);
    expect(await last({ cameraLabel: false })).toEqual([]);
  });

  it('do not grow with sentences that are taken for reasons', async () => {
    const metrics = metricsOf();
    for (let i = 0; i < 1000; i++) metrics.deadLettered(`width: expected a number, found "${i}"`);
    const series = Object.keys(seriesIn(await metrics.text())).filter((key) => key.includes('dead_lettered'));
    expect(series).toHaveLength(51);
  });
});

describe('metric-names', () => {
  it('is the design, name by name', () => {
    const named = Object.values(ORCHESTRATOR_METRICS).map(({ name, type, labels }) => [
      name,
      [type, ...labels],
    ]);
    expect(Object.fromEntries(named)).toEqual(DESIGN);
  });
});

describe('createOrchestratorMetrics', () => {
  it('refuses a bound that is none', () => {
    expect(() => metricsOf({ maxCameras: 0 })).toThrow(
      new RangeError('maxCameras must be from 1 to 100000, not 0'),
    );
  });
});
