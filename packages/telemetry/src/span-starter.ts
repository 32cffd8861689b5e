import {
  type Attributes,
  type Context,
  type Span,
  type SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { FlatRecord } from '@frame-buffer/models';
import { RECORD } from './frame-sampler.ts';
import type { LateReason } from './late-recording.ts';
import type { PresetIds } from './span-ids.ts';
import { ATTRIBUTE } from './span-names.ts';
import { contextUnder, frameAttributes, remoteSpanContext, type TraceHead } from './trace-head.ts';

/** When a span began, and the id that it must take over where it is recorded after the fact. */
export interface SpanOrigin {
  /** Epoch. */
  readonly startMs: number;
  readonly spanId?: string | undefined;
}

/** How the first span of a frame begins, where it isn't here and now. */
export interface FrameOrigin extends Partial<SpanOrigin> {
  readonly late?: LateReason;
  /** Of the frame's clock. */
  readonly offsetMs?: number;
}

/**
 * The time of day for all spans of one frame here, from one reading of the clock: OpenTelemetry's own starts each span at a whole
 * millisecond, by which a child may outlast its parent.
 */
export function frameClock(offsetMs = Date.now() - performance.now()): () => number {
  return () => performance.now() + offsetMs;
}

/** Starts spans that are certain to be recorded. */
export class SpanStarter {
  private readonly tracer: Tracer;
  private readonly ids: PresetIds;

  constructor(tracer: Tracer, ids: PresetIds) {
    this.tracer = tracer;
    this.ids = ids;
  }

  /**
   * The first span of a frame here. Of a trace recorded late nobody recorded the parent: the span is a root of the same trace
   * then, linked to the parent, so that no span is left an orphan.
   */
  first(
    name: string,
    kind: SpanKind,
    head: TraceHead,
    fields: FlatRecord,
    origin: SpanOrigin & FrameOrigin,
  ): Span {
    const { parent } = head;
    const attributes = frameAttributes(fields);
    if (origin.late) attributes[ATTRIBUTE.recordedBecause] = origin.late;
    const root = parent === undefined || origin.late !== undefined;
    this.ids.preset({ traceId: root ? head.traceId : undefined, spanId: origin.spanId });
    return this.tracer.startSpan(
      name,
      {
        kind,
        attributes,
        links: root && parent ? [{ context: remoteSpanContext(parent) }] : [],
        startTime: origin.startMs,
      },
      root ? RECORD : contextUnder(parent as NonNullable<typeof parent>),
    );
  }

  child(name: string, kind: SpanKind, parent: Span, attributes: Attributes, origin: SpanOrigin): Span {
    this.ids.preset({ spanId: origin.spanId });
    const context: Context = trace.setSpan(RECORD, parent);
    return this.tracer.startSpan(
      name,
      {
        kind,
        attributes,
        startTime: origin.startMs,
      },
      context,
    );
  }
}

export function failSpan(span: Span, error: unknown, atMs: number): void {
  const exception = error instanceof Error ? error : new Error(String(error));
  span.recordException(exception, atMs);
  span.setStatus({ code: SpanStatusCode.ERROR, message: exception.message });
}

/** The traceparent by which others continue under this span. */
export function traceparentOfSpan(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}
