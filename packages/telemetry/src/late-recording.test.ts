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
  const budgets = { slowFrameMs: 100, slowTracesPerSecond: 10, errorTracesPerSecond: 20 };

  it('names an error before slowness, and quick frames nothing', () => {
    const late = lateRecording(budgets, () => 0);
    expect(late.reasonFor(new Error('x'), 500)).toBe('error');
    expect(late.reasonFor(undefined, 100)).toBe('slow');
    expect(late.reasonFor(undefined, 99)).toBeUndefined();
  });

  it('keeps to its budget, which fills again', () => {
    let now = 0;
    const late = lateRecording(budgets, () => now);
    const recorded = (): number =>
      Array.from({ length: 50 }, () => late.reasonFor(undefined, 100)).filter(Boolean).length;
    expect(recorded()).toBe(10);
    expect(recorded()).toBe(0);
    now = 500;
    expect(recorded()).toBe(5);
    now = 60_000;
    expect(recorded()).toBe(10);
  });

  it('has a budget for errors that no slow frame takes from', () => {
    const late = lateRecording(budgets, () => 0);
    for (let i = 0; i < 100; i++) late.reasonFor(undefined, 100);
    const errors = Array.from({ length: 50 }, () => late.reasonFor('failed', 0)).filter(Boolean);
    expect(errors).toHaveLength(20);
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
    spend(8);
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

  it('is followed from its hand-off on where it has been slow by then', async () => {
    begin({ slowFrameMs: 5 });
    const journey = tracing.received(unsampled);
    const { logFields } = journey;
    spend(8);
    journey.route(decision);
    const copy = { ...unsampled, ...journey.dispatch(target) };
    expect([journey.recorded, traceContextOf(copy)?.traceFlags]).toEqual([true, 1]);
    const processing = tracing.processing(copy);
    processing.publish();
    processing.end();
    journey.end();
    const all = await spans();
    const received = all['frame_buffer_orchestrator_received'];
    expect(received?.spanContext()).toMatchObject({ traceId: TRACE_ID, spanId: logFields.span_id });
    expect(received?.attributes['recorded.because']).toBe('slow');
    expect(chain(all)).toEqual(['publish_result', 'process_frame', 'dispatch_to_processor', 'route_frame']);
    for (const span of Object.values(all))
      expect(millis(span.endTime)).toBeGreaterThanOrEqual(millis(span.startTime));
    expect(millis(all['route_frame']!.startTime)).toBeGreaterThanOrEqual(millis(received!.startTime) + 5);
  });

  it('is followed in its next attempts where one has failed', async () => {
    begin();
    const journey = tracing.received({ ...unsampled, failed_by: 'p', attempt: '2' });
    journey.route(decision);
    const copy = { ...unsampled, ...journey.dispatch(target) };
    journey.end();
    const processing = tracing.processing(copy);
    processing.publish();
    processing.end();
    const all = await spans();
    expect(all['frame_buffer_orchestrator_received']?.attributes).toMatchObject({
      'frame.attempt': 2,
      'recorded.because': 'error',
    });
    expect(all['frame_buffer_orchestrator_received']?.parentSpanContext).toBeUndefined();
    expect(chain(all)).toEqual(['publish_result', 'process_frame', 'dispatch_to_processor', 'route_frame']);
  });

  it('tells who reads its result where it was slow to process', async () => {
    begin({ slowFrameMs: 5 });
    const processing = tracing.processing(unsampled);
    processing.span.setAttribute('before', 1);
    spend(8);
    const told = traceContextOf({ traceparent: processing.publish() });
    processing.span.setAttribute('after', 2);
    processing.end();
    const all = await spans();
    expect([told?.traceFlags, told?.spanId]).toEqual([1, all['publish_result']?.spanContext().spanId]);
    expect(all['process_frame']?.attributes).toMatchObject({
      before: 1,
      after: 2,
      'recorded.because': 'slow',
    });
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

/** Busy for so long: what is measured here is time that passes within one turn. */
function spend(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

const millis = ([seconds, nanos]: [number, number]): number => seconds * 1000 + nanos / 1e6;

/** Names from the result's span up to the one below the first. */
function chain(all: Record<string, ReadableSpan>): string[] {
  const names: string[] = [];
  for (let span = all['publish_result']; span?.parentSpanContext;) {
    names.push(span.name);
    const parentId = span.parentSpanContext.spanId;
    span = Object.values(all).find((other) => other.spanContext().spanId === parentId);
  }
  return names;
}
