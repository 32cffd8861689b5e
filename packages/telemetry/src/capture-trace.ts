import { SpanKind, type Span } from '@opentelemetry/api';
import type { FlatRecord } from '@frame-buffer/models';
import { newSpanId } from './span-ids.ts';
import { SPAN } from './span-names.ts';
import { type SpanStarter, failSpan, frameClock, traceparentOfSpan } from './span-starter.ts';
import type { TraceHead } from './trace-head.ts';

/** The trace of one frame where it is captured: `capture_frame`, the root under which the orchestrator goes on. */
export interface CaptureTrace {
  /** For the frame's record: says "sampled" only where the span is recorded, so that no reader's span becomes an orphan. */
  readonly traceparent: string;
  /** The record is in the stream; or, with an error, it may not be. Only the first call counts. */
  end(error?: unknown): void;
}

export class RecordedCapture implements CaptureTrace {
  readonly traceparent: string;
  private readonly now = frameClock();
  private readonly span: Span;
  private ended = false;

  constructor(starter: SpanStarter, head: TraceHead, fields: FlatRecord) {
    this.span = starter.first(SPAN.capture, SpanKind.PRODUCER, head, fields, { startMs: this.now() });
    this.traceparent = traceparentOfSpan(this.span);
  }

  end(error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    const atMs = this.now();
    if (error !== undefined) failSpan(this.span, error, atMs);
    this.span.end(atMs);
  }
}

/** Ids, and nothing else. */
export function unrecordedCapture({ traceId }: TraceHead): CaptureTrace {
  return { traceparent: `00-${traceId}-${newSpanId()}-00`, end: () => {} };
}
