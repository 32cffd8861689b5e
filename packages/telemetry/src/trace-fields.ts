import type { FlatRecord, TraceContext } from '@frame-buffer/models';
import type { SpanContext } from '@opentelemetry/api';

/** Fields of a log line that belongs to a trace. */
export interface TraceLogFields {
  readonly trace_id: string;
  readonly span_id: string;
  readonly [name: string]: string;
}

/** The log fields of a span context, of OpenTelemetry's or of a frame's record. */
export function traceLogFields(
  context: Pick<SpanContext | TraceContext, 'traceId' | 'spanId'>,
): TraceLogFields {
  return { trace_id: context.traceId, span_id: context.spanId };
}

/**
 * What a record must carry on so that its reader continues the trace: the `traceparent`, and `trace_context` too where the
 * record came with that older form, so that no reader is left with the stale one.
 */
export function travellingFields(fields: FlatRecord, traceparent: string): FlatRecord {
  if (!fields['trace_context']) return { traceparent };
  const [, traceId, spanId, flags] = traceparent.split('-');
  const older = { trace_id: traceId, span_id: spanId, trace_flags: Number.parseInt(flags ?? '0', 16) };
  return { traceparent, trace_context: JSON.stringify(older) };
}
