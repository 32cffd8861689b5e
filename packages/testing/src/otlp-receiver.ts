import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it arrived. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** undefined: a root. */
  readonly parentId: string | undefined;
  /** Epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Names of its events. */
  readonly events: readonly string[];
  /** Ids of the spans that it is linked to. */
  readonly links: readonly string[];
  /** The message of an error status; undefined where it has none. */
  readonly error: string | undefined;
}

/** A receiver of traces over OTLP/HTTP (JSON) on loopback, which can fail on command. */
export interface OtlpReceiver {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT takes it. */
  readonly url: string;
  /** All that it has taken, in the order of arrival. */
  spans(): readonly ReceivedSpan[];
  requests(): number;
  /** From now on it takes requests, and never answers. What hangs when it is told something else is answered with 503. */
  hang(): void;
  /** From now on it answers 503, and keeps nothing. */
  refuse(): void;
  /** From now on each answer takes so long. */
  answerAfter(ms: number): void;
  stop(): Promise<void>;
}

/** OTLP's number of a status that is an error. */
const STATUS_ERROR = 2;
const NANOS_PER_MS = 1_000_000n;

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Request {
  readonly resourceSpans: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes?: readonly KeyValue[];
        readonly events?: readonly { readonly name: string }[];
        readonly links?: readonly { readonly spanId: string }[];
        readonly status?: { readonly code?: number; readonly message?: string };
      }[];
    }[];
  }[];
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const hanging: ServerResponse[] = [];
  let requests = 0;
  let behaviour: 'take' | 'hang' | 'refuse' = 'take';
  let delayMs = 0;

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      requests++;
      if (behaviour === 'hang') return void hanging.push(response);
      if (behaviour === 'refuse' || request.url !== '/v1/traces') return void response.writeHead(503).end();
      spans.push(...spansOf(JSON.parse(Buffer.concat(chunks).toString()) as Request));
      setTimeout(() => response.setHeader('content-type', 'application/json').end('{}'), delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const behave = (next: typeof behaviour, ms = 0): void => {
    behaviour = next;
    delayMs = ms;
    for (const response of hanging.splice(0)) response.writeHead(503).end();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans: () => spans,
    requests: () => requests,
    hang: () => behave('hang'),
    refuse: () => behave('refuse'),
    answerAfter: (ms) => behave('take', ms),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function spansOf({ resourceSpans }: Request): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource?.attributes)['service.name']);
    return scopeSpans
      .flatMap((scope) => scope.spans)
      .map((span) => ({
        service,
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentId: span.parentSpanId || undefined,
        startMs: millisOf(span.startTimeUnixNano),
        endMs: millisOf(span.endTimeUnixNano),
        attributes: valuesOf(span.attributes),
        events: (span.events ?? []).map(({ name }) => name),
        links: (span.links ?? []).map(({ spanId }) => spanId),
        error: span.status?.code === STATUS_ERROR ? (span.status.message ?? '') : undefined,
      }));
  });
}

/** A value stands under the name of its type: `{ intValue: 5 }`. */
function valuesOf(attributes: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** Nanoseconds of the epoch are beyond what a number can hold. */
function millisOf(nanos: string): number {
  const all = BigInt(nanos);
  return Number(all / NANOS_PER_MS) + Number(all % NANOS_PER_MS) / Number(NANOS_PER_MS);
}
