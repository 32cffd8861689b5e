import { type FlatRecord, type TraceContext, traceContextOf } from '@frame-buffer/models';
import { type Attributes, type Context, type SpanContext, createTraceState, trace } from '@opentelemetry/api';
import { RECORD } from './frame-sampler.ts';
import { newTraceId } from './span-ids.ts';
import { ATTRIBUTE } from './span-names.ts';

/** Bit 0 sampled, bit 1 random trace id: the two that W3C defines. */
const KNOWN_FLAGS = 0x03;
const SAMPLED = 0x01;

/** What is known of a trace when a record arrives: whose it is, and whether it is recorded here. */
export interface TraceHead {
  readonly traceId: string;
  /** The publisher's span; undefined where the record starts a trace. */
  readonly parent: TraceContext | undefined;
  /** As they travel on where nothing is recorded. */
  readonly traceFlags: number;
  readonly recorded: boolean;
}

export interface HeadSampling {
  /** Whether spans go anywhere at all. */
  readonly exporting: boolean;
  samplesNew(traceId: string): boolean;
}

export function traceHeadOf(fields: FlatRecord, sampling: HeadSampling): TraceHead {
  const parent = traceContextOf(fields);
  if (parent) {
    return {
      traceId: parent.traceId,
      parent,
      traceFlags: parent.traceFlags & KNOWN_FLAGS,
      recorded: sampling.exporting && (parent.traceFlags & SAMPLED) === SAMPLED,
    };
  }
  return newTraceHead(sampling);
}

export function newTraceHead(sampling: HeadSampling): TraceHead {
  const traceId = newTraceId();
  const recorded = sampling.exporting && sampling.samplesNew(traceId);
  return { traceId, parent: undefined, traceFlags: recorded ? SAMPLED : 0, recorded };
}

/** The publisher's span as OpenTelemetry's context. */
export function remoteSpanContext(parent: TraceContext): SpanContext {
  return {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.traceFlags & SAMPLED,
    isRemote: true,
    ...(parent.tracestate ? { traceState: createTraceState(parent.tracestate) } : {}),
  };
}

export function contextUnder(parent: TraceContext): Context {
  return trace.setSpanContext(RECORD, remoteSpanContext(parent));
}

/** The attributes that every first span of a frame bears. */
export function frameAttributes(fields: FlatRecord): Attributes {
  const attempt = Number(fields['attempt'] || 1);
  return {
    [ATTRIBUTE.frameId]: fields['frame_id'],
    [ATTRIBUTE.cameraId]: fields['camera_id'],
    [ATTRIBUTE.priority]: Number(fields['priority'] || 0) || 0,
    ...(attempt > 1 ? { [ATTRIBUTE.attempt]: attempt } : {}),
  };
}
