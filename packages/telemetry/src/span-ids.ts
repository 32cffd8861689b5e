import { randomBytes } from 'node:crypto';
import type { IdGenerator } from '@opentelemetry/sdk-trace-node';

const SPAN_ID_DIGITS = 16;
const TRACE_ID_DIGITS = 32;
/** One call of the random source serves this many span ids: a call for each would cost more than all the rest. */
const IDS_PER_FILL = 256;

let digits = '';
let at = 0;

function take(count: number): string {
  if (at + count > digits.length) {
    digits = randomBytes((IDS_PER_FILL * SPAN_ID_DIGITS) / 2).toString('hex');
    at = 0;
  }
  const id = digits.slice(at, (at += count));
  // All zeros is the one id that W3C forbids.
  return /[^0]/.test(id) ? id : take(count);
}

/** A new span id: 16 hex digits, some 50 ns. */
export function newSpanId(): string {
  return take(SPAN_ID_DIGITS);
}

/** A new trace id: 32 hex digits. */
export function newTraceId(): string {
  return take(TRACE_ID_DIGITS);
}

/**
 * Random ids, but the next ones may be preset: a span recorded after the fact must bear the id that has already travelled on.
 * Starting a span is synchronous, so what is preset is used by the very next span.
 */
export class PresetIds implements IdGenerator {
  private traceId: string | undefined;
  private spanId: string | undefined;

  preset(ids: { traceId?: string | undefined; spanId?: string | undefined }): void {
    this.traceId = ids.traceId;
    this.spanId = ids.spanId;
  }

  generateTraceId(): string {
    const id = this.traceId ?? newTraceId();
    this.traceId = undefined;
    return id;
  }

  generateSpanId(): string {
    const id = this.spanId ?? newSpanId();
    this.spanId = undefined;
    return id;
  }
}
