/** The spans of frames as a receiver of OTLP gets them, from a publisher, an orchestrator and processors on a real Redis. */
import { keyNames, traceContextOf } from '@frame-buffer/models';
import { TerminalError } from '@frame-buffer/processor-client';
import { startTracing, type Tracing } from '@frame-buffer/telemetry';
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver, until } from '@frame-buffer/testing';
import type { Orchestrator } from './compose.ts';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const RECEIVED = 'frame_buffer_orchestrator_received';
const FRAME_SPANS = [RECEIVED, 'route_frame', 'dispatch_to_processor', 'process_frame', 'publish_result'];
let scene: Scene;
let receiver: OtlpReceiver;
/** Of publishers and processors. */
let tracings: Tracing[] = [];
beforeAll(async () => {
  scene = await openScene();
});
beforeEach(async () => {
  receiver = await startOtlpReceiver();
  tracings = [];
});
afterEach(async () => {
  await scene.clear();
  await receiver.stop();
});
afterAll(() => scene.end());

function tracingOf(serviceName: string, sampleRatio = 0): Tracing {
  const tracing = startTracing({ serviceName, otlpEndpoint: receiver.url, sampleRatio });
  tracings.push(tracing);
  return tracing;
}

const orchestrate = (env: Record<string, string> = {}): Promise<Orchestrator> =>
  scene.orchestrate({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    TRACE_SAMPLE_RATIO: '0',
    ORCHESTRATOR_ID: 'o1',
    ...env,
  });

const trace = (): Tracing['processing'] => tracingOf('processor').processing;

/** Ends all programs, in the order in which they are stopped, and gives what has arrived by then. */
async function allSpans(): Promise<readonly ReceivedSpan[]> {
  await scene.stop();
  await Promise.all(tracings.map((tracing) => tracing.shutdown()));
  return receiver.spans();
}

/** A span of the publisher, ended, and the fields by which a frame bears it. */
function publisherSpan(publisher: Tracing): { traceparent: string; spanId: string; traceId: string } {
  const span = publisher.tracer.startSpan('publish_frame');
  span.end();
  const { traceId, spanId } = span.spanContext();
  return { traceparent: `00-${traceId}-${spanId}-01`, spanId, traceId };
}

/** The names from a span up to the root of its trace. */
function ancestry(span: ReceivedSpan, all: readonly ReceivedSpan[]): string[] {
  const parent = all.find(({ spanId, traceId }) => spanId === span.parentId && traceId === span.traceId);
  return parent ? [span.name, ...ancestry(parent, all)] : [span.name];
}

function expectNoOrphans(all: readonly ReceivedSpan[]): void {
  const traceOf = new Map(all.map(({ spanId, traceId }) => [spanId, traceId]));
  expect(all.filter(({ parentId, traceId }) => parentId && traceOf.get(parentId) !== traceId)).toEqual([]);
  expect(traceOf.size).toBe(all.length);
}

const named = (all: readonly ReceivedSpan[], name: string): ReceivedSpan[] =>
  all.filter((span) => span.name === name);
const one = (all: readonly ReceivedSpan[], name: string): ReceivedSpan => {
  const [span, ...others] = named(all, name);
  if (!span || others.length > 0) throw new Error(`${others.length + (span ? 1 : 0)} spans of ${name}`);
  return span;
};
const framesOf = (spans: readonly ReceivedSpan[]): unknown[] =>
  spans.map(({ attributes }) => attributes['frame.id']).toSorted();

describe('a sampled frame', () => {
  it('has one trace from its publisher to its result, every span under the one before it', async () => {
    const orchestrator = await orchestrate();
    await scene.join(orchestrator, 'p1', () => ({}), { trace: trace() });
    const { traceparent, traceId } = publisherSpan(tracingOf('publisher', 1));
    await scene.publish(1, () => ({ frame_id: 'f-7', camera_id: 'cam-3', priority: '5', traceparent }));
    await scene.completed(1);
    const [result] = await scene.entries(keys.results);
    const all = await allSpans();
    expect(all.map((span) => span.traceId)).toEqual(Array.from({ length: 6 }, () => traceId));
    const published = one(all, 'publish_result');
    expect(ancestry(published, all)).toEqual([...FRAME_SPANS.toReversed(), 'publish_frame']);
    expect(traceContextOf(result ?? {})?.spanId).toBe(published.spanId);
    const frame = { 'frame.id': 'f-7', 'frame.camera_id': 'cam-3', 'frame.priority': 5 };
    expect(FRAME_SPANS.map((name) => one(all, name).attributes)).toEqual([
      frame,
      {
        selected_processor: 'p1',
        processor_load: 0,
        'routing.reason': 'least_loaded',
      },
      { 'processor.id': 'p1', 'queue.name': keys.ready('p1') },
      frame,
      {},
    ]);
    expect(new Set(all.map((span) => span.service))).toEqual(
      new Set(['publisher', 'frame-buffer-orchestrator', 'processor']),
    );
    expectNoOrphans(all);
  });

  it('of an older publisher continues its trace, and its result bears it in both forms', async () => {
    const orchestrator = await orchestrate();
    await scene.join(orchestrator, 'p1', () => ({}), { trace: trace() });
    const { traceId, spanId } = publisherSpan(tracingOf('publisher', 1));
    // As Python's str() writes a dict.
    const older = `{'trace_id': '${traceId}', 'span_id': '${spanId}', 'trace_flags': 1}`;
    await scene.publish(1, () => ({ traceparent: '', trace_context: older }));
    await scene.completed(1);
    const [result] = await scene.entries(keys.results);
    const all = await allSpans();
    const published = one(all, 'publish_result');
    expect(ancestry(published, all)).toEqual([...FRAME_SPANS.toReversed(), 'publish_frame']);
    expect(JSON.parse(result?.['trace_context'] ?? '')).toEqual({
      trace_id: traceId,
      span_id: published.spanId,
      trace_flags: 1,
    });
    expect(traceContextOf(result ?? {})?.spanId).toBe(published.spanId);
  });

  it('for two capabilities has a branch for each', async () => {
    const orchestrator = await orchestrate();
    for (const capability of ['face', 'plate'])
      await scene.join(orchestrator, capability, () => ({}), { capabilities: [capability], trace: trace() });
    const { traceparent } = publisherSpan(tracingOf('publisher', 1));
    await scene.publish(1, () => ({ traceparent, metadata: '{"capabilities":["face","plate"]}' }));
    await scene.completed(2);
    const all = await allSpans();
    for (const published of named(all, 'publish_result'))
      expect(ancestry(published, all)).toEqual([...FRAME_SPANS.toReversed(), 'publish_frame']);
    expect(
      named(all, 'dispatch_to_processor')
        .map(({ attributes }) => attributes['processor.id'])
        .toSorted(),
    ).toEqual(['face', 'plate']);
    expect(all).toHaveLength(2 + 2 * 4);
    expectNoOrphans(all);
  });

  it('has all its attempts in one trace, failed ones with their error', async () => {
    const orchestrator = await orchestrate();
    const fails = () => {
      throw new Error('no memory');
    };
    await scene.join(orchestrator, 'bad', fails, { trace: trace() });
    const { traceparent, traceId } = publisherSpan(tracingOf('publisher', 1));
    await scene.publish(1, () => ({ traceparent }));
    await until(async () => (await scene.books())?.deadLettered === 1, { what: 'the dead letter' });
    const all = await allSpans();
    expect(new Set(all.map((span) => span.traceId))).toEqual(new Set([traceId]));
    expect(named(all, 'process_frame').map(({ error }) => error)).toEqual(
      Array.from({ length: 3 }, () => 'no memory'),
    );
    expect(named(all, RECEIVED).map(({ error }) => error)).toEqual([
      undefined,
      undefined,
      undefined,
      'attempts_used_up: 3 attempts failed, the last: no memory',
    ]);
    expectNoOrphans(all);
  });

  it('leaves no orphan where its hand-off was refused because another orchestrator was quicker', async () => {
    const [orchestrator] = [await orchestrate(), await orchestrate({ ORCHESTRATOR_ID: 'o2' })];
    await scene.join(orchestrator, 'p1', () => ({}), { capacity: 4, concurrency: 2, trace: trace() });
    const publisher = tracingOf('publisher', 1);
    await scene.publish(200, () => ({ traceparent: publisherSpan(publisher).traceparent }));
    await scene.completed(200);
    const all = await allSpans();
    const handedOff = named(all, 'dispatch_to_processor').filter(({ error }) => error === undefined);
    expect(handedOff).toHaveLength(200);
    expect(named(all, RECEIVED)).toHaveLength(200);
    expectNoOrphans(all);
  });

  it('leaves no orphan where its orchestrator stops while it waits', async () => {
    const orchestrator = await orchestrate();
    const goesOn = Promise.withResolvers<void>();
    await scene.join(orchestrator, 'p1', () => goesOn.promise, { capacity: 1, trace: trace() });
    const publisher = tracingOf('publisher', 1);
    await scene.publish(6, () => ({ traceparent: publisherSpan(publisher).traceparent }));
    await until(async () => (await scene.books())?.pendingInput === 5, { what: 'the others to wait' });
    const all = await allSpans();
    expect(new Set(framesOf(named(all, RECEIVED))).size).toBe(6);
    expectNoOrphans(all);
    goesOn.resolve();
  });
});

describe('a frame that head sampling left out', () => {
  it('is recorded where an attempt fails, and in the attempts that follow; those that go well are not', async () => {
    const orchestrator = await orchestrate();
    const process = ({ frameId, attempt }: { frameId: string; attempt: number }) => {
      if (frameId === 'f3' && attempt === 1) throw new Error('no memory');
      return {};
    };
    await scene.join(orchestrator, 'p1', process, { trace: trace() });
    await scene.publish(10, () => ({ traceparent: '' }));
    await scene.completed(10);
    const all = await allSpans();
    expect(new Set(framesOf([...named(all, RECEIVED), ...named(all, 'process_frame')]))).toEqual(
      new Set(['f3']),
    );
    expect(one(all, RECEIVED).attributes).toMatchObject({ 'frame.attempt': 2, 'recorded.because': 'error' });
    expect(ancestry(one(all, 'publish_result'), all)).toEqual(FRAME_SPANS.toReversed());
    expect(new Set(all.map((span) => span.traceId)).size).toBe(1);
    expectNoOrphans(all);
  });

  it('is recorded where it becomes a dead letter', async () => {
    const orchestrator = await orchestrate();
    const refuses = () => {
      throw new TerminalError('not a picture');
    };
    await scene.join(orchestrator, 'p1', refuses, { trace: trace() });
    await scene.publish(2, (i) => ({ traceparent: '', ...(i === 1 ? { width: 'wide' } : {}) }));
    await until(async () => (await scene.books())?.deadLettered === 2, { what: 'the dead letters' });
    const all = await allSpans();
    expect(
      named(all, RECEIVED)
        .map(({ error, attributes }) => `${String(attributes['frame.id'])} ${error}`)
        .toSorted(),
    ).toEqual(['f0 terminal_error: not a picture', expect.stringMatching(/^f1 bad_record: width: expected/)]);
    expectNoOrphans(all);
  });

  it('is recorded where it is shed', async () => {
    await orchestrate({
      SHEDDING_POLICY: 'drop_oldest',
      MAX_WAITING_FRAMES: '4',
      WAITING_PER_CAPABILITY: '2',
    });
    await scene.publish(10, () => ({ traceparent: '' }));
    await until(async () => (await scene.books())?.shed === 8, { what: 'eight to be shed' });
    const all = (await allSpans()).filter(({ attributes }) => attributes['recorded.because'] === 'error');
    expect(framesOf(all)).toEqual(Array.from({ length: 8 }, (_none, i) => `f${i}`));
    expect(new Set(all.map(({ error }) => error))).toEqual(
      new Set(['shed: room_full: there was no place left to wait']),
    );
  });

  it('is recorded where it waited long, and in its processor as well', async () => {
    const orchestrator = await orchestrate({ TRACE_SLOW_FRAME_MS: '500' });
    await scene.publish(1, () => ({ frame_id: 'slow', traceparent: '' }));
    await until(async () => (await scene.books())?.pendingInput === 1, { what: 'it to be read' });
    await new Promise((resolve) => setTimeout(resolve, 600));
    await scene.join(orchestrator, 'p1', () => ({}), { trace: trace() });
    await scene.completed(1);
    await scene.publish(5, () => ({ traceparent: '' }));
    await scene.completed(6);
    const all = await allSpans();
    expect(framesOf(named(all, RECEIVED))).toEqual(['slow']);
    expect(one(all, RECEIVED).attributes['recorded.because']).toBe('slow');
    expect(one(all, RECEIVED).endMs - one(all, RECEIVED).startMs).toBeGreaterThanOrEqual(500);
    expect(ancestry(one(all, 'publish_result'), all)).toEqual(FRAME_SPANS.toReversed());
    expectNoOrphans(all);
  });
});

it('The ratio says how many new traces are recorded, and those whole', async () => {
  const orchestrator = await orchestrate({ TRACE_SAMPLE_RATIO: '0.25' });
  await scene.join(orchestrator, 'p1', () => ({}), { trace: trace(), capacity: 200, concurrency: 50 });
  await scene.publish(2_000, () => ({ traceparent: '' }));
  await scene.completed(2_000);
  const all = await allSpans();
  const roots = named(all, RECEIVED).filter(({ attributes }) => !attributes['recorded.because']);
  expect(roots.length).toBeGreaterThan(400);
  expect(roots.length).toBeLessThan(600);
  const sampled = new Set(roots.map(({ traceId }) => traceId));
  for (const traceId of sampled)
    expect(
      all
        .filter((span) => span.traceId === traceId)
        .map(({ name }) => name)
        .toSorted(),
    ).toEqual(FRAME_SPANS.toSorted());
  expectNoOrphans(all);
});
