import { traceContextOf } from '@frame-buffer/models';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
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
const decision = { processorId: 'motion-1', load: 3, reason: 'least_loaded' };

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

const idOf = (span: ReadableSpan | undefined): string | undefined => span?.spanContext().spanId;
const parentOf = (span: ReadableSpan | undefined): string | undefined => span?.parentSpanContext?.spanId;

describe('a sampled frame', () => {
  it('has received > route_frame > dispatch_to_processor under the publisher, and process_frame > publish_result under that', async () => {
    const orchestrator = traced();
    const processor = traced();
    const journey = orchestrator.tracing.received(record);
    journey.route(decision);
    const copy = { ...record, ...journey.dispatch(target) };
    journey.end();
    const processing = processor.tracing.processing(copy);
    const published = processing.publish();
    processing.end();

    const there = await orchestrator.spans();
    const here = await processor.spans();
    expect(parentOf(there['frame_buffer_orchestrator_received'])).toBe(PUBLISHER);
    expect(parentOf(there['route_frame'])).toBe(idOf(there['frame_buffer_orchestrator_received']));
    expect(parentOf(there['dispatch_to_processor'])).toBe(idOf(there['route_frame']));
    expect(parentOf(here['process_frame'])).toBe(idOf(there['dispatch_to_processor']));
    expect(parentOf(here['publish_result'])).toBe(idOf(here['process_frame']));
    expect(traceContextOf({ traceparent: published })?.spanId).toBe(idOf(here['publish_result']));
    for (const span of [...Object.values(there), ...Object.values(here)]) {
      expect(span.spanContext().traceId).toBe(TRACE_ID);
    }
  });

  it('bears the attributes of the design', async () => {
    const { tracing, spans } = traced();
    const journey = tracing.received({ ...record, attempt: '2' });
    journey.route(decision);
    journey.dispatch(target);
    journey.end();
    const all = await spans();
    const frame = { 'frame.id': 'cam-1-7', 'frame.camera_id': 'cam-1', 'frame.priority': 5 };
    expect(all['frame_buffer_orchestrator_received']?.attributes).toEqual({ ...frame, 'frame.attempt': 2 });
    expect(all['route_frame']?.attributes).toEqual({
      selected_processor: 'motion-1',
      processor_load: 3,
      'routing.reason': 'least_loaded',
    });
    expect(all['dispatch_to_processor']?.attributes).toEqual({
      'processor.id': 'motion-1',
      'queue.name': 'frames:ready:motion-1',
    });
  });

  it('is told on with a fresh traceparent under its dispatch', async () => {
    const { tracing, spans } = traced();
    const journey = tracing.received(record);
    journey.route(decision);
    const fields = journey.dispatch(target);
    journey.end();
    const dispatch = (await spans())['dispatch_to_processor'];
    expect(fields).toEqual({ traceparent: `00-${TRACE_ID}-${idOf(dispatch)}-01` });
  });

  it('has a route and a dispatch of its own for every capability', async () => {
    const { tracing, list } = traced();
    const journey = tracing.received(record);
    for (const processorId of ['a', 'b']) {
      journey.route({ processorId, load: undefined, reason: 'only_one' });
      journey.dispatch({ processorId, queue: `frames:ready:${processorId}` });
    }
    journey.end();
    const spans = await list();
    const pairs = spans
      .filter((span) => span.name === 'dispatch_to_processor')
      .map((dispatch) => {
        const route = spans.find((span) => idOf(span) === parentOf(dispatch));
        return [dispatch.attributes['processor.id'], route?.attributes['selected_processor']];
      });
    expect(pairs.sort()).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
  });

  it('ends the spans of a hand-off that was refused with its outcome, and may be routed again', async () => {
    const { tracing, list } = traced();
    const journey = tracing.received(record);
    journey.route(decision);
    journey.dispatch(target);
    journey.refused('no_credit');
    journey.waits('no credit for motion');
    journey.route(decision);
    journey.dispatch(target);
    journey.end();
    const spans = await list();
    const dispatches = spans.filter((span) => span.name === 'dispatch_to_processor');
    expect(dispatches.map((span) => [span.attributes['handoff.outcome'], span.status.code])).toEqual([
      ['no_credit', SpanStatusCode.ERROR],
      [undefined, SpanStatusCode.UNSET],
    ]);
    const received = spans.find((span) => span.name === 'frame_buffer_orchestrator_received');
    expect(received?.events.map((event) => [event.name, event.attributes])).toEqual([
      ['waiting', { 'waiting.reason': 'no credit for motion' }],
    ]);
    expect(received?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('that fails has the status of an error, with the exception', async () => {
    const { tracing, spans } = traced();
    tracing.received(record).end(new Error('priority: expected a number'));
    const processing = tracing.processing(record);
    processing.end('boom');
    const all = await spans();
    const received = all['frame_buffer_orchestrator_received'];
    expect(received?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'priority: expected a number' });
    expect(received?.events[0]?.name).toBe('exception');
    expect(all['process_frame']?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'boom' });
  });

  it('has every span within its parent, and each exactly once however often it is ended', async () => {
    const { tracing, list } = traced();
    const journey = tracing.received(record);
    journey.route(decision);
    journey.dispatch(target);
    journey.end();
    journey.end(new Error('late'));
    journey.route(decision);
    journey.dispatch(target);
    const spans = await list();
    expect(spans.map((span) => span.name)).toEqual([
      'dispatch_to_processor',
      'route_frame',
      'frame_buffer_orchestrator_received',
    ]);
    const [dispatch, route, received] = spans.map((span) => ({
      start: span.startTime[0] * 1e9 + span.startTime[1],
      end: span.endTime[0] * 1e9 + span.endTime[1],
    }));
    expect(dispatch!.start).toBeGreaterThanOrEqual(route!.start);
    expect(route!.start).toBeGreaterThanOrEqual(received!.start);
    expect(dispatch!.end).toBeLessThanOrEqual(route!.end);
    expect(route!.end).toBeLessThanOrEqual(received!.end);
  });

  it('keeps its tracestate, and says that its parent is elsewhere', async () => {
    const { tracing, spans } = traced();
    tracing.received({ ...record, tracestate: 'vendor=1,other=2' }).end();
    const received = (await spans())['frame_buffer_orchestrator_received'];
    expect(received?.spanContext().traceState?.serialize()).toBe('vendor=1,other=2');
    expect(received?.parentSpanContext?.isRemote).toBe(true);
    expect(received?.kind).toBe(SpanKind.CONSUMER);
  });

  it('in the older form continues the trace, and both forms travel on', async () => {
    const { tracing, spans } = traced();
    const older = { trace_id: TRACE_ID, span_id: PUBLISHER, trace_flags: 1 };
    const journey = tracing.received({ ...untraced, trace_context: JSON.stringify(older) });
    const fields = journey.dispatch(target);
    journey.end();
    const all = await spans();
    expect(parentOf(all['frame_buffer_orchestrator_received'])).toBe(PUBLISHER);
    const dispatchId = idOf(all['dispatch_to_processor']);
    expect(fields['traceparent']).toBe(`00-${TRACE_ID}-${dispatchId}-01`);
    expect(JSON.parse(fields['trace_context'] as string)).toEqual({
      trace_id: TRACE_ID,
      span_id: dispatchId,
      trace_flags: 1,
    });
  });

  it('gives the log the ids of its first span', async () => {
    const { tracing, spans } = traced();
    const journey = tracing.received(record);
    journey.end();
    const received = (await spans())['frame_buffer_orchestrator_received'];
    expect(journey.logFields).toEqual({ trace_id: TRACE_ID, span_id: idOf(received) });
  });
});

describe('an unsampled frame', () => {
  it('is not recorded, and its context travels on all the same', async () => {
    const { tracing, list } = traced({ sampleRatio: 1 });
    const journey = tracing.received(unsampled);
    journey.route(decision);
    const first = traceContextOf(journey.dispatch(target));
    const second = traceContextOf(journey.dispatch(target));
    journey.end();
    expect(journey.recorded).toBe(false);
    expect([first?.traceId, first?.traceFlags]).toEqual([TRACE_ID, 0]);
    expect(new Set([first?.spanId, second?.spanId, PUBLISHER]).size).toBe(3);
    expect(await list()).toEqual([]);
  });

  it('stays unsampled in the processor, which tells it on too', async () => {
    const { tracing, list } = traced({ sampleRatio: 1 });
    const processing = tracing.processing(unsampled);
    processing.span.setAttribute('score', 1);
    const published = traceContextOf({ traceparent: processing.publish() });
    processing.end();
    expect([published?.traceId, published?.traceFlags]).toEqual([TRACE_ID, 0]);
    expect(published?.spanId).not.toBe(PUBLISHER);
    expect(await list()).toEqual([]);
  });

  it('gives the log the trace id of the publisher and one span id', () => {
    const { tracing } = traced();
    const journey = tracing.received(unsampled);
    expect(journey.logFields).toEqual({
      trace_id: TRACE_ID,
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(journey.logFields).toEqual(journey.logFields);
  });
});
