import type { FlatRecord } from '@frame-buffer/models';
import { travellingFields } from '@frame-buffer/telemetry';
import { type ProcessorFrame, type ProcessResult, TerminalError } from './frame.ts';

/** More fields than any result needs; far below what a script can pass on in one call. */
const MAX_FIELDS = 1_000;
/** A result is a record, not a picture: what is larger belongs elsewhere, with its address in the result. */
const MAX_CHARS = 8 * 1024 * 1024;

export interface ResultFacts {
  readonly processorId: string;
  /** ms since the epoch. */
  readonly finishedAtMs: number;
  readonly durationMs: number;
  readonly traceparent: string | undefined;
}

/**
 * The record to publish: what the processor returned, and what every result carries, which wins over fields of the same name.
 * @throws TypeError for a value that JSON can't express (circular, BigInt), TerminalError for a result that is too large
 */
export function resultRecord(frame: ProcessorFrame, result: ProcessResult, facts: ResultFacts): FlatRecord {
  const record: Record<string, string> = {};
  let chars = 0;
  let count = 0;
  for (const [name, value] of Object.entries(asFields(result))) {
    // JSON gives undefined for undefined, a function and a symbol: such a field is left out, as JSON does it in an object.
    const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
    if (text === undefined) continue;
    count++;
    chars += name.length + text.length;
    // Half a surrogate pair is no UTF-8; Redis' JSON refuses it.
    record[name.toWellFormed()] = text.toWellFormed();
  }
  if (count > MAX_FIELDS)
    throw new TerminalError(`the result has ${count} fields, at most ${MAX_FIELDS} are possible`);
  if (chars > MAX_CHARS)
    throw new TerminalError(`the result has ${chars} characters, at most ${MAX_CHARS} are possible`);
  record['frame_id'] = frame.frameId;
  record['camera_id'] = frame.cameraId;
  record['processor_id'] = facts.processorId;
  if (frame.capability !== undefined) record['capability'] = frame.capability;
  record['attempt'] = String(frame.attempt);
  record['timestamp'] = new Date(facts.finishedAtMs).toISOString();
  record['processing_time'] = (facts.durationMs / 1000).toFixed(6);
  // What went wrong before is part of the frame's story, and stands nowhere else once it is completed.
  if (frame.attempt > 1 && frame.fields['errors']) record['errors'] = frame.fields['errors'];
  const capturedAt = frame.fields['timestamp'];
  if (capturedAt) record['captured_at'] = capturedAt;
  if (facts.traceparent) {
    Object.assign(record, travellingFields(frame.fields, facts.traceparent));
    if (frame.fields['tracestate']) record['tracestate'] = frame.fields['tracestate'];
  }
  return record;
}

function asFields(result: unknown): Record<string, unknown> {
  if (result === undefined || result === null) return {};
  return typeof result === 'object' && !Array.isArray(result)
    ? (result as Record<string, unknown>)
    : { result };
}
