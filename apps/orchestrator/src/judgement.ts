import { decodeFrame, faultsText, type FlatRecord, type Frame } from '@frame-buffer/models';
import type { DeadLetterReason, SettledFrame, SourceEntry } from '@frame-buffer/stream-consumer';
import type { Tracing } from '@frame-buffer/telemetry';
import type { HeldFrame } from './waiting-room.ts';

export interface JudgementOptions {
  readonly maxAttempts: number;
  readonly defaultCapability: string | undefined;
  readonly tracing: Pick<Tracing, 'received'>;
}

/** What an entry is: a frame to hand off, or a dead letter and why. */
export type Judgement =
  | { readonly kind: 'frame'; readonly held: HeldFrame }
  | { readonly kind: 'dead'; readonly settled: SettledFrame<DeadLetterReason> };

/** @param readAtMs of the monotonic clock */
export function judge(entry: SourceEntry, readAtMs: number, options: JudgementOptions): Judgement {
  const { maxAttempts, defaultCapability, tracing } = options;
  const dead = (reason: DeadLetterReason, detail: string): Judgement => ({
    kind: 'dead',
    settled: { entry, reason, detail },
  });
  const isNew = entry.source === 'input';
  const decoded = decodeFrame(entry.fields, { defaultCapability, isNew });
  if (!decoded.ok) return dead('bad_record', faultsText(decoded.faults));
  const frame = decoded.value;
  const back = isNew ? undefined : entry.fields;
  if (back?.['terminal'] === '1') return dead('terminal_error', lastError(back));
  if (frame.attempt > maxAttempts) {
    return dead('attempts_used_up', `${maxAttempts} attempts failed, the last: ${lastError(entry.fields)}`);
  }
  const { wanted, avoid } = needsOf(frame, back);
  const held: HeldFrame = {
    entry,
    frame,
    wanted,
    avoid,
    readAtMs,
    trace: tracing.received(entry.fields, readAtMs),
  };
  return { kind: 'frame', held };
}

const ANY: readonly undefined[] = [undefined];

/** @param back the fields of a frame that comes back: it was one copy, for one capability */
export function needsOf(
  frame: Pick<Frame, 'capabilities'>,
  back: FlatRecord | undefined,
): Pick<HeldFrame, 'wanted' | 'avoid'> {
  const single = back?.['capability'];
  const asked: readonly (string | undefined)[] = single ? [single] : frame.capabilities;
  return { wanted: asked.length > 0 ? asked : ANY, avoid: back?.['failed_by'] || undefined };
}

function lastError(fields: FlatRecord): string {
  try {
    const errors = JSON.parse(fields['errors'] ?? '[]') as { error?: unknown }[];
    return String(errors.at(-1)?.error ?? 'unknown');
  } catch {
    return 'unknown';
  }
}
