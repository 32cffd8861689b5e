import { SpanKind, type Span } from '@opentelemetry/api';
import type { FlatRecord } from '@frame-buffer/models';
import type { LateRecording } from './late-recording.ts';
import { newSpanId } from './span-ids.ts';
import { SPAN } from './span-names.ts';
import {
  type FrameOrigin,
  type SpanOrigin,
  type SpanStarter,
  failSpan,
  frameClock,
  traceparentOfSpan,
} from './span-starter.ts';
import { type TraceLogFields, traceLogFields } from './trace-fields.ts';
import type { TraceHead } from './trace-head.ts';

/** What a processor's author may do with the span of a frame. */
export interface ProcessingSpan {
  setAttribute(name: string, value: string | number | boolean): void;
}

/** The trace of one frame in a processor: `process_frame` > `publish_result`. Calls after `end` are ignored. */
export interface ProcessingTrace {
  readonly recorded: boolean;
  readonly span: ProcessingSpan;
  /** Fields `trace_id` and `span_id` for the log. */
  readonly logFields: TraceLogFields;
  /** Begins `publish_result`. @returns the traceparent that travels on with the result */
  publish(): string;
  /** Ends both spans; an error is recorded and gives `process_frame` the status of an error. */
  end(error?: unknown): void;
}

export class RecordedProcessing implements ProcessingTrace {
  readonly recorded = true;
  readonly span: Span;
  private readonly now: () => number;
  private readonly starter: SpanStarter;
  private published: Span | undefined;
  private ended = false;

  constructor(starter: SpanStarter, head: TraceHead, fields: FlatRecord, origin: FrameOrigin = {}) {
    this.starter = starter;
    this.now = frameClock(origin.offsetMs);
    const begun = { ...origin, startMs: origin.startMs ?? this.now() };
    this.span = starter.first(SPAN.process, SpanKind.CONSUMER, head, fields, begun);
  }

  get logFields(): TraceLogFields {
    return traceLogFields(this.span.spanContext());
  }

  publish(origin: SpanOrigin = { startMs: this.now() }): string {
    if (!this.ended) {
      this.published ??= this.starter.child(SPAN.publish, SpanKind.PRODUCER, this.span, {}, origin);
    }
    return traceparentOfSpan(this.published ?? this.span);
  }

  end(error?: unknown, atMs = this.now()): void {
    if (this.ended) return;
    this.ended = true;
    if (error !== undefined) failSpan(this.span, error, atMs);
    this.published?.end(atMs);
    this.span.end(atMs);
  }
}

/** Notes kept of a frame that isn't sampled, should it be recorded after all: one that was slow when its result goes out, or fails. */
export class UnrecordedProcessing implements ProcessingTrace {
  readonly span: ProcessingSpan;
  private readonly starter: SpanStarter | undefined;
  private readonly head: TraceHead;
  private readonly fields: FlatRecord;
  private readonly late: LateRecording;
  private readonly startedAtMs: number;
  private attributes: [string, string | number | boolean][] = [];
  private spanId: string | undefined;
  private publishing: { readonly spanId: string; readonly atMs: number } | undefined;
  private promoted: RecordedProcessing | undefined;
  private ended = false;

  constructor(head: TraceHead, fields: FlatRecord, late: LateRecording, starter: SpanStarter | undefined) {
    this.head = head;
    this.fields = fields;
    this.late = late;
    this.starter = starter;
    this.startedAtMs = performance.now();
    this.span = {
      setAttribute: (name, value) => {
        if (this.promoted) this.promoted.span.setAttribute(name, value);
        else if (late.enabled && !this.ended) this.attributes.push([name, value]);
      },
    };
  }

  get recorded(): boolean {
    return this.promoted !== undefined;
  }

  get logFields(): TraceLogFields {
    return { trace_id: this.head.traceId, span_id: (this.spanId ??= newSpanId()) };
  }

  publish(): string {
    if (!this.publishing && !this.ended) this.promote(undefined);
    if (this.promoted) return this.promoted.publish();
    this.publishing ??= { spanId: newSpanId(), atMs: performance.now() };
    return `00-${this.head.traceId}-${this.publishing.spanId}-0${this.head.traceFlags}`;
  }

  end(error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.promote(error);
    this.promoted?.end(error);
  }

  private promote(error: unknown): void {
    if (this.promoted || !this.starter || !this.late.enabled) return;
    const nowMs = performance.now();
    const late = this.late.reasonFor(error, nowMs - this.startedAtMs);
    if (!late) return;
    const offsetMs = Date.now() - nowMs;
    const origin = { spanId: this.spanId, startMs: this.startedAtMs + offsetMs, offsetMs, late };
    this.promoted = new RecordedProcessing(this.starter, this.head, this.fields, origin);
    for (const [name, value] of this.attributes) this.promoted.span.setAttribute(name, value);
    if (this.publishing) {
      const { spanId, atMs } = this.publishing;
      this.promoted.publish({ spanId, startMs: atMs + offsetMs });
    }
    this.spanId = this.promoted.logFields.span_id;
  }
}
