import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { SpanStatusCode } from '@opentelemetry/api';
import { traceContextOf } from '@frame-buffer/models';
import { lateRecording } from './late-recording.ts';
import { startTracing, type Tracing, type TracingOptions } from './tracing.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PUBLISHER = 'b7ad6b7169203331';
const unsampled = { frame_id: 'f', camera_id: 'c', traceparent: `00-${TRACE_ID}-${PUBLISHER}-00` };
const target = { processorId: 'p', queue: 'q' };
const decision = { processorId: 'p', load: 0, reason: 'r' };

describe('lateRecording', () => {
  it('names an error before slowness, and quick frames nothing', () => {
    const late = lateRecording({ slowFrameMs: 100, lateTracesPerSecond: 10 }, () => 0);
    expect(late.reasonFor(new Error('x'), 500)).toBe('error');
    expect(late.reasonFor(undefined, 100)).toBe('slow');
    expect(late.reasonFor(undefined, 99)).toBeUndefined();
  });

  it('keeps to its budget, which fills again', () => {
    let now = 0;
    const late = lateRecording({ slowFrameMs: 0, lateTracesPerSecond: 10 }, () => now);
    const recorded = (): number =>
      Array.from({ length: 50 }, () => late.reasonFor(undefined, 1)).filter(Boolean).length;
    expect(recorded()).toBe(10);
    expect(recorded()).toBe(0);
    now = 500;
    expect(recorded()).toBe(5);
    now = 60_000;
    expect(recorded()).toBe(10);
  });
});

describe('a frame that head sampling left out', () => {
  let exporter: InMemorySpanExporter;
  let tracing: Tracing;
  const begin = (options: Partial<TracingOptions> = {}): void => {
    exporter = new InMemorySpanExporter();
    tracing = startTracing({ serviceName: 's', exporter, sampleRatio: 0, slowFrameMs: Infinity, ...options });
  };
  const spans = async (): Promise<Record<string, ReadableSpan>> => {
    await tracing.flush();
    return Object.fromEntries(exporter.getFinishedSpans().map((span) => [span.name, span]));
  };
  afterEach(() => tracing.shutdown());

  it('is recorded where it fails, with the ids that travelled on', async () => {
    begin();
    const journey = tracing.received(unsampled);
    const { logFields } = journey;
    journey.waits('no credit');
    journey.route(decision);
    const told = traceContextOf(journey.dispatch(target));
    journey.end(new Error('boom'));
    const all = await spans();
    const received = all['frame_buffer_orchestrator_received'];
    expect(received?.spanContext()).toMatchObject({ traceId: TRACE_ID, spanId: logFields.span_id });
    expect(received?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'boom' });
    expect(received?.attributes['recorded.because']).toBe('error');
    expect(received?.events.map((event) => event.name)).toEqual(['waiting', 'exception']);
    expect(all['dispatch_to_processor']?.spanContext().spanId).toBe(told?.spanId);
    expect(all['dispatch_to_processor']?.parentSpanContext?.spanId).toBe(
      all['route_frame']?.spanContext().spanId,
    );
    expect(all['route_frame']?.parentSpanContext?.spanId).toBe(received?.spanContext().spanId);
  });

  it('is no orphan: a root of its trace, linked to the span that nobody recorded', async () => {
    begin();
    tracing.received(unsampled).end(new Error('boom'));
    const received = (await spans())['frame_buffer_orchestrator_received'];
    expect(received?.parentSpanContext).toBeUndefined();
    expect(received?.links.map(({ context }) => [context.traceId, context.spanId])).toEqual([
      [TRACE_ID, PUBLISHER],
    ]);
  });

  it('is recorded where it was slow, with its true times', async () => {
    begin({ slowFrameMs: 5 });
    const startedMs = Date.now();
    const journey = tracing.received(unsampled);
    while (Date.now() - startedMs < 8);
    journey.end();
    const received = (await spans())['frame_buffer_orchestrator_received'];
    const [seconds, nanos] = received!.duration;
    expect(received?.attributes['recorded.because']).toBe('slow');
    expect(seconds * 1000 + nanos / 1e6).toBeGreaterThanOrEqual(5);
    expect(Math.abs(received!.startTime[0] * 1000 + received!.startTime[1] / 1e6 - startedMs)).toBeLessThan(
      50,
    );
  });

  it('is recorded in the processor too, with attributes and the result that went out', async () => {
    begin();
    const processing = tracing.processing(unsampled);
    processing.span.setAttribute('score', 0.5);
    const told = traceContextOf({ traceparent: processing.publish() });
    processing.end(new Error('refused'));
    const all = await spans();
    expect(all['process_frame']?.attributes['score']).toBe(0.5);
    expect(all['publish_result']?.spanContext().spanId).toBe(told?.spanId);
    expect(all['publish_result']?.parentSpanContext?.spanId).toBe(all['process_frame']?.spanContext().spanId);
  });

  it('leaves no trace where all went well', async () => {
    begin();
    const journey = tracing.received(unsampled);
    journey.dispatch(target);
    journey.end();
    tracing.processing(unsampled).end();
    expect(await spans()).toEqual({});
  });

  it('keeps bounded notes however long it waits', async () => {
    begin();
    const journey = tracing.received(unsampled);
    for (let i = 0; i < 10_000; i++) journey.waits('no credit');
    journey.end(new Error('shed'));
    const received = (await spans())['frame_buffer_orchestrator_received'];
    expect(received!.events.length).toBeLessThan(200);
    expect(received!.events.at(-1)?.name).toBe('exception');
  });
});
