import { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';
import type { FlatRecord } from '@frame-buffer/models';
import type { LateRecording } from './late-recording.ts';
import { newSpanId } from './span-ids.ts';
import { ATTRIBUTE, SPAN, WAITING_EVENT } from './span-names.ts';
import {
  type FrameOrigin,
  type SpanOrigin,
  type SpanStarter,
  failSpan,
  frameClock,
  traceparentOfSpan,
} from './span-starter.ts';
import { type TraceLogFields, traceLogFields, travellingFields } from './trace-fields.ts';
import type { TraceHead } from './trace-head.ts';

export interface RouteAttributes {
  readonly processorId: string;
  /** Outstanding frames of the processor when it was chosen; undefined where unknown. */
  readonly load: number | undefined;
  readonly reason: string;
}

export interface DispatchAttributes {
  readonly processorId: string;
  readonly queue: string;
}

/**
 * The trace of one frame in the orchestrator: `frame_buffer_orchestrator_received` > `route_frame` > `dispatch_to_processor`.
 * Calls after `end` are ignored.
 */
export interface JourneyTrace {
  /** Whether spans are recorded; false costs next to nothing. */
  readonly recorded: boolean;
  readonly traceId: string;
  /** Fields `trace_id` and `span_id` for the log. */
  readonly logFields: TraceLogFields;
  /** No processor has credit: the frame waits. */
  waits(reason: string): void;
  /** A decision fell. With several capabilities there is one for each. */
  route(decision: RouteAttributes): void;
  /**
   * A copy of the frame goes to a processor's queue, under the latest decision.
   * @returns the fields that this copy must carry: a fresh `traceparent`, and `trace_context` where the frame came with one
   */
  dispatch(target: DispatchAttributes): FlatRecord;
  /** The hand-off did not happen (`no_credit`, `gone`, `departed`): its spans end, and the frame may be routed again. */
  refused(outcome: string): void;
  /** Ends all spans; an error is recorded and gives the frame's first span the status of an error. */
  end(error?: unknown): void;
}

export class RecordedJourney implements JourneyTrace {
  readonly recorded = true;
  readonly traceId: string;
  private readonly starter: SpanStarter;
  private readonly fields: FlatRecord;
  private readonly now: () => number;
  private readonly received: Span;
  private open: Span[] = [];
  private routing: Span | undefined;
  private ended = false;

  constructor(starter: SpanStarter, head: TraceHead, fields: FlatRecord, origin: FrameOrigin = {}) {
    this.starter = starter;
    this.fields = fields;
    this.now = frameClock(origin.offsetMs);
    this.traceId = head.traceId;
    const begun = { ...origin, startMs: origin.startMs ?? this.now() };
    this.received = starter.first(SPAN.received, SpanKind.CONSUMER, head, fields, begun);
  }

  get logFields(): TraceLogFields {
    return traceLogFields(this.received.spanContext());
  }

  waits(reason: string, atMs = this.now()): void {
    this.received.addEvent(WAITING_EVENT, { [ATTRIBUTE.waitingReason]: reason }, atMs);
  }

  route(decision: RouteAttributes, startMs = this.now()): void {
    if (this.ended) return;
    const attributes = {
      [ATTRIBUTE.selectedProcessor]: decision.processorId,
      [ATTRIBUTE.routingReason]: decision.reason,
      ...(decision.load === undefined ? {} : { [ATTRIBUTE.processorLoad]: decision.load }),
    };
    this.routing = this.starter.child(SPAN.route, SpanKind.INTERNAL, this.received, attributes, { startMs });
    this.open.push(this.routing);
  }

  dispatch(target: DispatchAttributes, origin: SpanOrigin = { startMs: this.now() }): FlatRecord {
    const attributes = { [ATTRIBUTE.processorId]: target.processorId, [ATTRIBUTE.queueName]: target.queue };
    const parent = this.routing ?? this.received;
    if (this.ended) return travellingFields(this.fields, traceparentOfSpan(parent));
    const span = this.starter.child(SPAN.dispatch, SpanKind.PRODUCER, parent, attributes, origin);
    this.open.push(span);
    return travellingFields(this.fields, traceparentOfSpan(span));
  }

  refused(outcome: string, atMs = this.now()): void {
    for (const span of this.open) {
      span.setAttribute(ATTRIBUTE.handOffOutcome, outcome);
      span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    }
    this.endOpen(atMs);
  }

  end(error?: unknown, atMs = this.now()): void {
    if (this.ended) return;
    this.ended = true;
    if (error !== undefined) failSpan(this.received, error, atMs);
    this.endOpen(atMs);
    this.received.end(atMs);
  }

  /** The innermost first, so that every span lies within its parent. */
  private endOpen(atMs: number): void {
    for (const span of this.open.reverse()) span.end(atMs);
    this.open = [];
    this.routing = undefined;
  }
}

/** What one frame may note; of a frame that waits on and on, the latest are kept. */
const MAX_NOTES = 64;

/**
 * What was noted, at a monotonic moment; each knows the one before it. Plain data without a list: a function or an array for each
 * would be made for every frame and hardly ever be used.
 */
type Note = { readonly atMs: number; readonly before: Note | undefined } & (
  | { readonly kind: 'waits'; readonly reason: string }
  | { readonly kind: 'route'; readonly decision: RouteAttributes }
  | { readonly kind: 'dispatch'; readonly target: DispatchAttributes; readonly spanId: string }
  | { readonly kind: 'refused'; readonly outcome: string }
);

/** From the first to the last; of more than are kept, the latest. */
function inOrder(last: Note | undefined): Note[] {
  const notes: Note[] = [];
  for (let note = last; note && notes.length < MAX_NOTES; note = note.before) notes.push(note);
  return notes.reverse();
}

function replay(note: Note, journey: RecordedJourney, offsetMs: number): void {
  const atMs = note.atMs + offsetMs;
  switch (note.kind) {
    case 'waits':
      return journey.waits(note.reason, atMs);
    case 'route':
      return journey.route(note.decision, atMs);
    case 'dispatch':
      journey.dispatch(note.target, { spanId: note.spanId, startMs: atMs });
      return;
    case 'refused':
      return journey.refused(note.outcome, atMs);
  }
}

/**
 * A frame that isn't sampled: ids travel on, and nothing else is made. Where errors and slow frames are to be recorded all the same,
 * it keeps short notes, from which the spans are made should they be wanted: at the end, or at the hand-off of a frame that has been
 * slow already, so that its processor records it too.
 */
export class UnrecordedJourney implements JourneyTrace {
  private readonly starter: SpanStarter | undefined;
  private readonly head: TraceHead;
  private readonly fields: FlatRecord;
  private readonly late: LateRecording;
  private readonly startedAtMs: number;
  private last: Note | undefined;
  private noted = 0;
  private readonly takesNotes: boolean;
  /** The latest decision; its time is that of the dispatch which follows. */
  private decision: RouteAttributes | undefined;
  private spanId: string | undefined;
  private promoted: RecordedJourney | undefined;
  private ended = false;

  /** @param startedAtMs monotonic */
  constructor(
    head: TraceHead,
    fields: FlatRecord,
    late: LateRecording,
    starter: SpanStarter | undefined,
    startedAtMs?: number,
  ) {
    this.head = head;
    this.fields = fields;
    this.late = late;
    this.starter = starter;
    this.takesNotes = late.enabled;
    this.startedAtMs = startedAtMs ?? (late.enabled ? performance.now() : 0);
  }

  get recorded(): boolean {
    return this.promoted !== undefined;
  }

  get traceId(): string {
    return this.head.traceId;
  }

  get logFields(): TraceLogFields {
    return { trace_id: this.head.traceId, span_id: (this.spanId ??= newSpanId()) };
  }

  waits(reason: string): void {
    if (this.promoted) this.promoted.waits(reason);
    else if (this.keeps()) this.note({ kind: 'waits', atMs: performance.now(), before: this.last, reason });
  }

  route(decision: RouteAttributes): void {
    if (this.promoted) this.promoted.route(decision);
    else if (this.takesNotes) this.decision = decision;
  }

  dispatch(target: DispatchAttributes): FlatRecord {
    if (this.promoted) return this.promoted.dispatch(target);
    const spanId = newSpanId();
    if (this.keeps()) {
      const atMs = performance.now();
      const { decision } = this;
      if (decision) this.note({ kind: 'route', atMs, before: this.last, decision });
      this.decision = undefined;
      const promoted = this.promote(undefined, atMs);
      if (promoted) return promoted.dispatch(target);
      this.note({ kind: 'dispatch', atMs, before: this.last, target, spanId });
    }
    const { traceId, traceFlags } = this.head;
    return travellingFields(this.fields, `00-${traceId}-${spanId}-0${traceFlags}`);
  }

  refused(outcome: string): void {
    if (this.promoted) this.promoted.refused(outcome);
    else if (this.keeps())
      this.note({ kind: 'refused', atMs: performance.now(), before: this.last, outcome });
  }

  end(error?: unknown): void {
    if (this.ended) return;
    if (this.takesNotes && !this.promoted) this.promote(error, performance.now());
    this.ended = true;
    this.promoted?.end(error);
    this.last = undefined;
  }

  /** Makes a recorded journey of the notes, where there is a reason and the budget has room. */
  private promote(error: unknown, nowMs: number): RecordedJourney | undefined {
    if (!this.starter) return undefined;
    const late = this.late.reasonFor(error, nowMs - this.startedAtMs);
    if (!late) return undefined;
    const offsetMs = Date.now() - nowMs;
    const origin = { spanId: this.spanId, startMs: this.startedAtMs + offsetMs, offsetMs, late };
    const promoted = new RecordedJourney(this.starter, this.head, this.fields, origin);
    for (const note of inOrder(this.last)) replay(note, promoted, offsetMs);
    this.last = undefined;
    this.spanId = promoted.logFields.span_id;
    return (this.promoted = promoted);
  }

  private keeps(): boolean {
    return this.takesNotes && !this.ended;
  }

  private note(note: Note): void {
    this.last = note;
    if (++this.noted % (2 * MAX_NOTES) === 0) this.forgetOld();
  }

  /** Of a frame that waits on and on. */
  private forgetOld(): void {
    let kept: Note | undefined;
    for (const note of inOrder(this.last)) kept = { ...note, before: kept };
    this.last = kept;
  }
}
