import { decodeFrame, faultsText, type FlatRecord } from '@frame-buffer/models';
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
  const decoded = decodeFrame(entry.fields, { defaultCapability });
  if (!decoded.ok) return dead('bad_record', faultsText(decoded.faults));
  const frame = decoded.value;
  // A frame that comes back was one copy, for one capability.
  const back = entry.source === 'retry' ? entry.fields : undefined;
  if (back?.['terminal'] === '1') return dead('terminal_error', lastError(back));
  if (frame.attempt > maxAttempts) {
    return dead('attempts_used_up', `${maxAttempts} attempts failed, the last: ${lastError(entry.fields)}`);
  }
  const single = back?.['capability'];
  const asked: readonly (string | undefined)[] = single ? [single] : frame.capabilities;
  const held: HeldFrame = {
    entry,
    frame,
    wanted: asked.length > 0 ? asked : ANY,
    avoid: back?.['failed_by'] || undefined,
    readAtMs,
    trace: tracing.received(entry.fields, readAtMs),
  };
  return { kind: 'frame', held };
}

const ANY: readonly undefined[] = [undefined];

function lastError(fields: FlatRecord): string {
  try {
    const errors = JSON.parse(fields['errors'] ?? '[]') as { error?: unknown }[];
    return String(errors.at(-1)?.error ?? 'unknown');
  } catch {
    return 'unknown';
  }
}
