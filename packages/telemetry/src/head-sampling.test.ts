import { traceContextOf } from '@frame-buffer/models';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { startTracing, type Tracing, type TracingOptions } from './tracing.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PUBLISHER = 'b7ad6b7169203331';
const record = {
  frame_id: 'cam-1-7',
  camera_id: 'cam-1',
  priority: '5',
  traceparent: `00-${TRACE_ID}-${PUBLISHER}-01`,
};
const unsampled = { ...record, traceparent: `00-${TRACE_ID}-${PUBLISHER}-00` };
const untraced = { frame_id: 'cam-1-7', camera_id: 'cam-1' };
const target = { processorId: 'motion-1', queue: 'frames:ready:motion-1' };

const running: Tracing[] = [];
afterEach(async () => {
  for (const tracing of running.splice(0)) await tracing.shutdown();
});

function traced(options: Partial<TracingOptions> = {}) {
  const exporter = new InMemorySpanExporter();
  const tracing = startTracing({
    serviceName: 'test',
    exporter,
    slowTracesPerSecond: 0,
    errorTracesPerSecond: 0,
    ...options,
  });
  running.push(tracing);
  const list = async (): Promise<ReadableSpan[]> => {
    await tracing.flush();
    return exporter.getFinishedSpans();
  };
  const spans = async (): Promise<Record<string, ReadableSpan>> =>
    Object.fromEntries((await list()).map((span) => [span.name, span]));
  return { tracing, list, spans };
}

describe('a frame without a trace', () => {
  it('starts one, recorded, with ratio 1', async () => {
    const { tracing, spans } = traced({ sampleRatio: 1 });
    const journey = tracing.received(untraced);
    const told = traceContextOf(journey.dispatch(target));
    journey.end();
    const received = (await spans())['frame_buffer_orchestrator_received'];
    expect(received?.parentSpanContext).toBeUndefined();
    expect(received?.spanContext().traceId).toBe(journey.traceId);
    expect([told?.traceId, told?.traceFlags]).toEqual([journey.traceId, 1]);
  });

  it('starts one, unsampled, with ratio 0', async () => {
    const { tracing, list } = traced({ sampleRatio: 0 });
    const journey = tracing.received(untraced);
    const told = traceContextOf(journey.dispatch(target));
    journey.end();
    expect([told?.traceId, told?.traceFlags]).toEqual([journey.traceId, 0]);
    expect(await list()).toEqual([]);
  });

  it('is sampled about as often as the ratio says', () => {
    const { tracing } = traced({ sampleRatio: 0.25 });
    let recorded = 0;
    for (let i = 0; i < 4000; i++) if (tracing.received(untraced).recorded) recorded++;
    expect(recorded / 4000).toBeGreaterThan(0.2);
    expect(recorded / 4000).toBeLessThan(0.3);
  });

  it.each(['', 'garbage', `00-${'0'.repeat(32)}-${PUBLISHER}-01`, `ff-${TRACE_ID}-${PUBLISHER}-01`])(
    'is one whose traceparent is %j',
    (traceparent) => {
      const { tracing } = traced();
      const journey = tracing.received({ ...untraced, traceparent });
      expect(journey.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(journey.traceId).not.toBe(TRACE_ID);
    },
  );
});

describe('without an exporter', () => {
  it.each([
    ['sampled', record, 1],
    ['unsampled', unsampled, 0],
  ])('the context of a %s frame travels on with its flag, and nothing is recorded', (_, fields, flags) => {
    const { tracing } = traced({ exporter: undefined, sampleRatio: 1 });
    const journey = tracing.received(fields);
    const told = traceContextOf(journey.dispatch(target));
    expect([journey.recorded, told?.traceId, told?.traceFlags]).toEqual([false, TRACE_ID, flags]);
    expect(tracing.exporting).toBe(false);
  });

  it('a new trace is not marked as sampled: nobody recorded its root', () => {
    const { tracing } = traced({ exporter: undefined, sampleRatio: 1 });
    expect(traceContextOf(tracing.received(untraced).dispatch(target))?.traceFlags).toBe(0);
  });
});

describe('startTracing', () => {
  it('names service and instance', async () => {
    const { tracing, spans } = traced({ instanceId: 'o-1' });
    tracing.received(record).end();
    const { attributes } = (await spans())['frame_buffer_orchestrator_received']!.resource;
    expect(attributes).toMatchObject({ 'service.name': 'test', 'service.instance.id': 'o-1' });
  });

  it('offers a tracer for other spans', async () => {
    const { tracing, spans } = traced({ sampleRatio: 1 });
    tracing.tracer.startSpan('reclaim').end();
    expect(Object.keys(await spans())).toEqual(['reclaim']);
  });

  it.each([
    [{ sampleRatio: 1.5 }, 'sampleRatio must be from 0 to 1, not 1.5'],
    [{ sampleRatio: NaN }, 'sampleRatio must be from 0 to 1, not NaN'],
    [{ slowFrameMs: -1 }, 'slowFrameMs must be from 0 to Infinity, not -1'],
  ])('refuses %j', (options, message) => {
    expect(() => startTracing({ serviceName: 's', ...options })).toThrow(new RangeError(message));
  });

  it('shuts down in time though the exporter hangs', async () => {
    const hanging = { export: () => {}, shutdown: () => new Promise<void>(() => {}) };
    const tracing = startTracing({ serviceName: 's', exporter: hanging, exportTimeoutMs: 20 });
    await expect(tracing.shutdown()).resolves.toBeUndefined();
  });
});
