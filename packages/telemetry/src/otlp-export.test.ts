import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTracing } from './tracing.ts';

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

interface OtlpRequest {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

describe('export over OTLP/HTTP', () => {
  let receiver: Server;
  let endpoint: string;
  const paths: (string | undefined)[] = [];
  const received: OtlpSpan[] = [];

  beforeAll(async () => {
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        paths.push(request.url);
        const body = JSON.parse(Buffer.concat(chunks).toString()) as OtlpRequest;
        for (const { scopeSpans } of body.resourceSpans) {
          for (const { spans } of scopeSpans) received.push(...spans);
        }
        response.setHeader('content-type', 'application/json').end('{}');
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  beforeEach(() => {
    paths.length = 0;
    received.length = 0;
  });

  it('brings every span with its parent, none an orphan', async () => {
    const tracing = startTracing({ serviceName: 'test', otlpEndpoint: `${endpoint}/`, sampleRatio: 1 });
    for (let i = 0; i < 200; i++) {
      const journey = tracing.received({ frame_id: `f-${i}`, camera_id: 'c' });
      journey.route({ processorId: 'p', load: 0, reason: 'r' });
      const copy = {
        frame_id: `f-${i}`,
        camera_id: 'c',
        ...journey.dispatch({ processorId: 'p', queue: 'q' }),
      };
      journey.end();
      const processing = tracing.processing(copy);
      processing.publish();
      processing.end();
    }
    await tracing.shutdown();
    expect(new Set(paths)).toEqual(new Set(['/v1/traces']));
    expect(received).toHaveLength(200 * 5);
    const traceOf = new Map(received.map((span) => [span.spanId, span.traceId]));
    const roots = received.filter((span) => !span.parentSpanId);
    expect(roots).toHaveLength(200);
    expect(new Set(roots.map((span) => span.name))).toEqual(new Set(['frame_buffer_orchestrator_received']));
    const orphans = received.filter(
      (span) => span.parentSpanId && traceOf.get(span.parentSpanId) !== span.traceId,
    );
    expect(orphans).toEqual([]);
  });

  it('takes an address that already names the path', async () => {
    const tracing = startTracing({
      serviceName: 'test',
      otlpEndpoint: `${endpoint}/v1/traces`,
      sampleRatio: 1,
    });
    tracing.received({ frame_id: 'f' }).end();
    await tracing.shutdown();
    expect(paths).toEqual(['/v1/traces']);
  });

  it('holds up nothing where no receiver answers, and tells what was lost', async () => {
    let lost = 0;
    const tracing = startTracing({
      serviceName: 'test',
      otlpEndpoint: 'http://127.0.0.1:9',
      sampleRatio: 1,
      exportTimeoutMs: 100,
      onSpansLost: (spans) => (lost += spans),
    });
    for (let i = 0; i < 1000; i++) tracing.received({ frame_id: `f-${i}` }).end();
    const startedMs = performance.now();
    await tracing.shutdown();
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(lost).toBe(1000);
  });

  it('holds so many spans and no more where the receiver hangs, and counts those beyond', async () => {
    let lost = 0;
    const held: (() => void)[] = [];
    const tracing = startTracing({
      serviceName: 'test',
      sampleRatio: 1,
      exporter: {
        export: (_spans, done) => void held.push(() => done({ code: 0 })),
        shutdown: () => Promise.resolve(),
      },
      onSpansLost: (spans) => (lost += spans),
    });
    for (let i = 0; i < 20_000; i++) tracing.received({ frame_id: `f-${i}` }).end();
    expect(held).toHaveLength(1);
    for (const answer of held.splice(0)) answer();
    expect(lost).toBe(20_000 - 512 - 16_384);
    const closed = tracing.shutdown();
    await Promise.resolve().then(() => {});
    for (const answer of held.splice(0)) answer();
    await closed;
  });

  it('refuses an address that is none', () => {
    expect(() => startTracing({ serviceName: 'test', otlpEndpoint: 'collector' })).toThrow(
      'otlpEndpoint must be an address such as http://localhost:4318, not collector',
    );
  });

  it('loses no span of a burst of 16,000', async () => {
    const tracing = startTracing({ serviceName: 'test', otlpEndpoint: endpoint, sampleRatio: 1 });
    for (let i = 0; i < 16_000; i++) tracing.received({ frame_id: `f-${i}` }).end();
    await tracing.shutdown();
    expect(received).toHaveLength(16_000);
  });
});
