import type { Ledger } from '@frame-buffer/stream-consumer';

/** Why frames are lost, by the field of the ledger that counts them. */
const LOSSES = [
  ['trimmed_unread', 'lost_upstream'],
  ['deleted_pending', 'lost_pending'],
  ['deleted_in_queue', 'lost_in_queues'],
] as const;

/** What was lost so far, by reason; of all orchestrators, as the ledger is. */
export function* lossesOf(ledger: Ledger): Iterable<readonly [reason: string, frames: number]> {
  for (const [reason, field] of LOSSES) yield [reason, ledger[field] ?? 0];
}
