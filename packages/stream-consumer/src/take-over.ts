import type { KeyNames } from '@frame-buffer/models';
import { loadScript, type ScriptClient } from './script.ts';

/** An entry as XPENDING tells it. */
export type PendingEntry = readonly [id: string, consumer: string, idleMs: number, deliveries: number];

/** What was taken over from another consumer group of the input, or would be. */
export interface TakenGroup {
  readonly old_group: string;
  /** The last entry it was given. */
  readonly position: string;
  /** Entries behind that. */
  readonly unread: number;
  /** ISO 8601. */
  readonly at: string;
  readonly pending: readonly PendingEntry[];
  /** Ids that were pending although their record had been deleted: nobody can process them. */
  readonly gone: readonly string[];
  readonly consumers: readonly string[];
}

/** What the old group was given back, or would be. */
export interface RestoredGroup {
  readonly old_group: string;
  readonly position: string;
  readonly unread: number;
  readonly at: string;
  readonly pending: readonly PendingEntry[];
  /** Ids that were taken over and that we have settled meanwhile: they are done. */
  readonly settled: readonly string[];
  /** Frames that only the orchestrators had read and that were not finished: they are in the input again, behind the others. */
  readonly again: number;
  /** Ids of such frames whose record had been deleted: nobody can process them. */
  readonly gone: readonly string[];
  /** Frames that went from the retry stream back into the input. */
  readonly returned: number;
}

/** Why nothing was changed. `detail` of `consumer_active`: its name and the ms since it was last seen; of `orchestrator_alive`: its lease. */
export interface Refusal {
  readonly reason:
    | 'no_such_group'
    | 'consumer_active'
    | 'group_in_use'
    | 'group_has_consumers'
    | 'books_open'
    | 'nothing_taken'
    | 'old_group_exists'
    | 'orchestrator_alive';
  readonly detail: string;
}

export type TakeOverOutcome =
  | { readonly kind: 'taken'; readonly taken: TakenGroup; readonly committed: boolean }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

export type HandBackOutcome =
  | { readonly kind: 'restored'; readonly restored: RestoredGroup; readonly committed: boolean }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

export interface TakeOverOptions {
  readonly keys: KeyNames;
  readonly oldGroup: string;
  /** The orchestrators' group. */
  readonly group: string;
  /** A consumer that was seen within this time is active. */
  readonly minIdleMs: number;
  /** ISO 8601. */
  readonly at: string;
  /** false: only tell what would be done. */
  readonly commit: boolean;
}

/** The consumer that holds what was taken over; it has no lease, so the orchestrators adopt from it. */
export const TAKE_OVER_CONSUMER = 'cutover';

const takeOverScript = loadScript('take-over');
const handBackScript = loadScript('hand-back');

/**
 * Takes the place of another consumer group on the input in one atomic step: its position and its pending entries go to our group,
 * and it is removed. Nothing is changed where a consumer of it was seen lately, or where our group or our books are in use.
 * Safe to call again: what was taken is told again.
 */
export async function takeOverGroup(
  client: ScriptClient,
  { keys, oldGroup, group, minIdleMs, at, commit }: TakeOverOptions,
): Promise<TakeOverOutcome> {
  const reply = JSON.parse(
    (await takeOverScript.run(client, [keys.ledger, keys.input, keys.cutover], {
      old_group: oldGroup,
      group,
      holder: TAKE_OVER_CONSUMER,
      min_idle_ms: minIdleMs,
      at,
      commit,
    })) as string,
  ) as { refused?: RefusalReply[]; taken: TakenGroup; committed: boolean };
  return reply.refused
    ? refused(reply.refused)
    : { kind: 'taken', taken: reply.taken, committed: reply.committed };
}

/**
 * Undoes `takeOverGroup` from what it saved in Redis: the old group is as it was, but for what we have settled meanwhile, and goes
 * on where ours stands. What we have read and not finished is in the input again, behind the others. Our group and the ledger end.
 * Frames in work queues stay with their processors. Nothing is changed while an orchestrator lives.
 */
export async function handBackGroup(
  client: ScriptClient,
  { keys, at, commit }: Pick<TakeOverOptions, 'keys' | 'at' | 'commit'>,
): Promise<HandBackOutcome> {
  const reply = JSON.parse(
    (await handBackScript.run(client, [keys.ledger, keys.input, keys.cutover, keys.retry], {
      lease_prefix: keys.orchestrator(''),
      at,
      commit,
    })) as string,
  ) as { refused?: RefusalReply[]; restored: RestoredGroup; committed: boolean };
  return reply.refused
    ? refused(reply.refused)
    : { kind: 'restored', restored: reply.restored, committed: reply.committed };
}

type RefusalReply = [Refusal['reason'], string];

const refused = (replies: readonly RefusalReply[]) => ({
  kind: 'refused' as const,
  refusals: replies.map(([reason, detail]) => ({ reason, detail })),
});
