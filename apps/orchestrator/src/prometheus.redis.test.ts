/** A real Prometheus, with the configuration and the rules of docker/, scrapes an orchestrator and a processor while frames flow. */
import { keyNames } from '@frame-buffer/models';
import { type MetricSpec, ORCHESTRATOR_METRICS, PROCESSOR_METRICS } from '@frame-buffer/telemetry';
import { freePort, until } from '@frame-buffer/testing';
import { type LiveSystem, startLiveSystem } from './test-support/live-system.ts';
import { type Prometheus, startPrometheus } from './test-support/prometheus.ts';

const keys = keyNames();
const TEST_MS = 60_000;
let system: LiveSystem;
let prometheus: Prometheus;
const targets: Record<string, string[]> = {};

beforeAll(async () => {
  system = await startLiveSystem();
  const port = await freePort();
  targets['orchestrator'] = [new URL(system.url).host];
  targets['processor'] = [`127.0.0.1:${port}`];
  system.sampleProcessor('sample-1', 'sample_processing', port);
  await until(() => fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok), {
    what: 'the processor to be ready',
    deadlineMs: 20_000,
  });
  system.cameras(['camera-1', 'camera-2'], 50, 'sample_processing');
  await until(() => system.redis.xlen(keys.results), { what: 'results' });
  prometheus = await startPrometheus(targets);
  const scrapes = 'min(sum_over_time(up[1m])) and on () count(up) == 2';
  await until(async () => ((await prometheus.value(scrapes)) ?? 0) > 2, { what: 'some scrapes of both' });
}, TEST_MS);
afterAll(async () => {
  await prometheus?.stop();
  await system?.stop();
});

it('finds both where docker/ has their jobs, and reads them without a fault', async () => {
  const { activeTargets } = (await prometheus.ask('targets')) as {
    activeTargets: { health: string; lastError: string; labels: { job: string; instance: string } }[];
  };
  const found = activeTargets.map(({ health, lastError, labels }) => ({ health, lastError, ...labels }));
  expect(found.toSorted((a, b) => a.job.localeCompare(b.job))).toEqual(
    ['orchestrator', 'processor'].map((job) => ({
      health: 'up',
      lastError: '',
      job,
      instance: targets[job]?.[0],
    })),
  );
});

const specs: MetricSpec[] = [...Object.values(ORCHESTRATOR_METRICS), ...Object.values(PROCESSOR_METRICS)];

it.each(specs.map(({ name, type, help }) => [name, type, help]))(
  'knows %s as a %s',
  async (name, type, help) => {
    // What Prometheus 2 calls a counter bears its whole name.
    const metadata = (await prometheus.ask(`metadata?metric=${name}`)) as Record<string, object[]>;
    expect(metadata[name]).toEqual([{ type, help, unit: '' }]);
  },
);

/** Only while something waits is there something to tell apart. */
const WHILE_WAITING = ['frame_buffer_waiting_frames', 'frame_buffer_oldest_waiting_seconds'];

it.each(specs.filter(({ name }) => !WHILE_WAITING.includes(name)).map((spec) => [spec.name, spec] as const))(
  'has %s with its labels, in a running system',
  (_name, spec) => expectSeries(spec),
);

async function expectSeries({ name, type, labels }: MetricSpec): Promise<void> {
  const series = (await prometheus.ask(
    `series?match[]=${type === 'histogram' ? `${name}_bucket` : name}`,
  )) as Record<string, string>[];
  expect(series.length).toBeGreaterThan(0);
  const own = ['__name__', 'instance', 'job', ...(type === 'histogram' ? ['le'] : [])];
  for (const found of series) expect(Object.keys(found).toSorted()).toEqual([...own, ...labels].toSorted());
}

it('sees the same frames on both sides', async () => {
  const before = (await system.redis.xlen(keys.results)) - 1;
  const processed = 'sum(processor_frames_processed_total{result="completed"})';
  await until(async () => ((await prometheus.value(processed)) ?? 0) >= before, { what: processed });
  const handedOff = 'sum(frame_buffer_frames_distributed_total{status="handed_off"})';
  await until(async () => ((await prometheus.value(handedOff)) ?? 0) >= before, { what: handedOff });
});

it(
  'fires FramesUnaccounted when the ledger is bent, nothing before, nothing else, and ends it when the books balance again',
  async () => {
    // Long enough for whatever could fire: each condition must hold for a second in this test.
    const readings = 'count_over_time(frame_buffer_frames_unaccounted[5m])';
    const enough = ((await prometheus.value(readings)) ?? 0) + 12;
    await until(async () => ((await prometheus.value(readings)) ?? 0) >= enough, {
      what: 'three seconds of scrapes',
    });
    expect(await prometheus.alerts()).toEqual([]);
    expect(await prometheus.value('max_over_time(frame_buffer_frames_unaccounted[5m])')).toBe(0);

    await system.redis.hincrby(keys.ledger, 'completed', 2);
    await until(async () => (await prometheus.alerts()).some(({ state }) => state === 'firing'), {
      what: 'the alert',
      deadlineMs: 15_000,
    });
    expect(await prometheus.alerts()).toEqual([
      expect.objectContaining({
        state: 'firing',
        labels: { alertname: 'FramesUnaccounted', severity: 'critical' },
        annotations: expect.objectContaining({
          summary: expect.stringMatching(/^2 frames are unaccounted for/),
        }),
      }),
    ]);

    await system.redis.hincrby(keys.ledger, 'completed', -2);
    await until(async () => (await prometheus.alerts()).length === 0, {
      what: 'the alert to end',
      deadlineMs: 15_000,
    });
  },
  TEST_MS,
);

it('has what waits, by capability and priority', async () => {
  await system.publish('waits-1', { detection_type: 'nobody', priority: '9' });
  const waiting = 'sum(frame_buffer_waiting_frames{capability="nobody"})';
  await until(async () => (await prometheus.value(waiting)) === 1, { what: waiting });
  for (const spec of specs) if (WHILE_WAITING.includes(spec.name)) await expectSeries(spec);
});
