import type { FlatRecord } from './frame.ts';
import { parsePythonLiteral } from './python-literal.ts';

/** W3C trace context, as it travels in the fields of a frame. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits: the parent span. */
  readonly spanId: string;
  /** Bit 0: sampled. */
  readonly traceFlags: number;
  readonly tracestate: string | undefined;
}

interface OlderForm {
  trace_id?: unknown;
  span_id?: unknown;
  trace_flags?: unknown;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
/** As nearly all are: one look, and no groups. */
const PLAIN_TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const TRACE_ID = /^(?!0{32}$)[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16}$)[0-9a-f]{16}$/;

/**
 * The trace a record belongs to: `traceparent` and `tracestate`, else the older `trace_context` (JSON: trace_id, span_id,
 * trace_flags). A context that can't be read is no context, as W3C asks: it never makes a record bad.
 */
export function traceContextOf(fields: FlatRecord): TraceContext | undefined {
  return (
    fromTraceparent(fields['traceparent'], fields['tracestate']) ?? fromOlderForm(fields['trace_context'])
  );
}

export function traceparentOf(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
}

function fromTraceparent(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | undefined {
  if (traceparent === undefined) return undefined;
  if (PLAIN_TRACEPARENT.test(traceparent)) {
    const traceId = traceparent.slice(3, 35);
    const spanId = traceparent.slice(36, 52);
    if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
    const traceFlags = Number.parseInt(traceparent.slice(53), 16);
    return { traceId, spanId, traceFlags, tracestate: tracestate || undefined };
  }
  const match = TRACEPARENT.exec(traceparent);
  const [, version, traceId, spanId, flags] = match ?? [];
  if (version === undefined || version === 'ff') return undefined;
  return context(traceId, spanId, Number.parseInt(flags ?? '0', 16), tracestate || undefined);
}

function fromOlderForm(json: string | undefined): TraceContext | undefined {
  if (!json) return undefined;
  let value: OlderForm | null | undefined;
  try {
    value = JSON.parse(json);
  } catch {
    value = parsePythonLiteral(json) as OlderForm | undefined;
  }
  const flags = Number(value?.trace_flags ?? 1);
  const known = Number.isInteger(flags) && flags >= 0 && flags <= 255;
  return context(value?.trace_id, value?.span_id, known ? flags : 0, undefined);
}

function context(
  traceId: unknown,
  spanId: unknown,
  traceFlags: number,
  tracestate: string | undefined,
): TraceContext | undefined {
  if (typeof traceId !== 'string' || typeof spanId !== 'string') return undefined;
  return TRACE_ID.test(traceId) && SPAN_ID.test(spanId)
    ? { traceId, spanId, traceFlags, tracestate }
    : undefined;
}
