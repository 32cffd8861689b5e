import { traceContextOf } from '@frame-buffer/models';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { startTracing, type Tracing, type TracingOptions } from './tracing.ts';

const frame = { frame_id: 'cam-1-7', camera_id: 'cam-1', priority: '5' };

const running: Tracing[] = [];
afterEach(async () => {
  for (const tracing of running.splice(0)) await tracing.shutdown();
});

function traced(options: Partial<TracingOptions> = {}) {
  const exporter = new InMemorySpanExporter();
  const tracing = startTracing({ serviceName: 'capture', exporter, sampleRatio: 1, ...options });
  running.push(tracing);
  const spans = async (): Promise<readonly ReadableSpan[]> => {
    await tracing.flush();
    return exporter.getFinishedSpans();
  };
  return { tracing, spans };
}

describe('a captured frame', () => {
  it('begins its trace: a root with the attributes of a frame, under which the orchestrator goes on', async () => {
    const [capture, orchestrator] = [traced(), traced({ sampleRatio: 0 })];
    const trace = capture.tracing.captured(frame);
    orchestrator.tracing.received({ ...frame, traceparent: trace.traceparent }).end();
    trace.end();
    const [root] = await capture.spans();
    const [received] = await orchestrator.spans();
    expect([root?.name, root?.kind]).toEqual(['capture_frame', SpanKind.PRODUCER]);
    expect(root?.parentSpanContext).toBeUndefined();
    expect(root?.attributes).toEqual({
      'frame.id': 'cam-1-7',
      'frame.camera_id': 'cam-1',
      'frame.priority': 5,
    });
    expect(received?.parentSpanContext?.spanId).toBe(root?.spanContext().spanId);
    expect(received?.spanContext().traceId).toBe(root?.spanContext().traceId);
  });

  it('that came nowhere has the status of an error, and ends once', async () => {
    const { tracing, spans } = traced();
    const trace = tracing.captured(frame);
    trace.end(new Error('OOM command not allowed'));
    trace.end();
    expect((await spans()).map(({ status }) => status)).toEqual([
      { code: SpanStatusCode.ERROR, message: 'OOM command not allowed' },
    ]);
  });

  it.each<[why: string, options: Partial<TracingOptions>]>([
    ['isn’t sampled', { sampleRatio: 0 }],
    ['goes to no receiver', { exporter: undefined }],
  ])(
    'that %s is marked as not sampled: nobody is to continue under a span that is nowhere',
    async (_, options) => {
      const { tracing, spans } = traced(options);
      const traces = [tracing.captured(frame), tracing.captured(frame)];
      for (const trace of traces) trace.end(new Error('refused'));
      const contexts = traces.map(({ traceparent }) => traceContextOf({ traceparent }));
      expect(contexts.map((context) => context?.traceFlags)).toEqual([0, 0]);
      expect(new Set(contexts.map((context) => context?.traceId)).size).toBe(2);
      expect(await spans()).toEqual([]);
    },
  );

  it('is sampled about as often as the ratio says', () => {
    const { tracing } = traced({ sampleRatio: 0.25 });
    let sampled = 0;
    for (let i = 0; i < 4000; i++) {
      const trace = tracing.captured(frame);
      if (trace.traceparent.endsWith('-01')) sampled++;
      trace.end();
    }
    expect(sampled / 4000).toBeGreaterThan(0.2);
    expect(sampled / 4000).toBeLessThan(0.3);
  });
});
