import type { KeyNames } from '@frame-buffer/models';
import {
  handBackGroup,
  readBooks,
  type RestoredGroup,
  TAKE_OVER_CONSUMER,
  type TakenGroup,
  takeOverGroup,
} from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { knownFrames, type Whereabouts, whereaboutsOf } from './whereabouts.ts';
import { refusalText, restoredText, takenText } from './words.ts';

export interface CutoverOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly action: 'dry-run' | 'execute' | 'undo';
  readonly oldGroup: string;
  readonly group: string;
  readonly minIdleMs: number;
  /** Makes sure that an orchestrator runs and is ready. */
  readonly startService: () => Promise<void>;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export type CutoverReport =
  | { readonly outcome: 'refused'; readonly reasons: readonly string[] }
  | { readonly outcome: 'looked'; readonly taken: TakenGroup }
  | { readonly outcome: 'taken'; readonly taken: TakenGroup; readonly frames: readonly Whereabouts[] }
  | { readonly outcome: 'restored'; readonly restored: RestoredGroup };

const CHECK_MS = 30_000;
const POLL_MS = 50;

/**
 * Steps: look, take over (one atomic script), start, check. Each can be repeated, so that an interrupted run is finished by the next
 * one. @throws Error in words where the new service doesn't come up or doesn't take what was taken over
 */
export async function runCutover(options: CutoverOptions): Promise<CutoverReport> {
  return options.action === 'undo' ? undo(options) : takeOver(options);
}

async function takeOver(options: CutoverOptions): Promise<CutoverReport> {
  const { client, keys, oldGroup, group, minIdleMs, action, say } = options;
  const request = { keys, oldGroup, group, minIdleMs, at: new Date().toISOString() };
  const look = await takeOverGroup(client, { ...request, commit: false });
  if (look.kind === 'refused') return refused(look.refusals.map(refusalText), say);
  if (action === 'dry-run') {
    say(takenText(look.taken, look.committed));
    return { outcome: 'looked', taken: look.taken };
  }
  const before = await knownFrames(client, keys, look.taken.pending);
  const done = await takeOverGroup(client, { ...request, commit: true });
  if (done.kind === 'refused') return refused(done.refusals.map(refusalText), say);
  say(takenText(done.taken, true));

  await options.startService();
  await check(options);
  const names = new Map(before.map((frame) => [frame.entryId, frame]));
  const frames = await whereaboutsOf(
    client,
    keys,
    group,
    done.taken.pending.map(([entryId, formerConsumer]) => ({
      entryId,
      formerConsumer,
      frameId: names.get(entryId)?.frameId ?? '',
    })),
  );
  for (const { frameId, entryId, formerConsumer, now } of frames)
    say(`  ${frameId || entryId}  (was pending for ${formerConsumer})  ${now}`);
  return { outcome: 'taken', taken: done.taken, frames };
}

async function undo({ client, keys, say }: CutoverOptions): Promise<CutoverReport> {
  const outcome = await handBackGroup(client, { keys, at: new Date().toISOString(), commit: true });
  if (outcome.kind === 'refused') return refused(outcome.refusals.map(refusalText), say);
  say(restoredText(outcome.restored, true));
  say(`Start the old service again; its group is ${outcome.restored.old_group}.`);
  return { outcome: 'restored', restored: outcome.restored };
}

/** The new service has adopted everything, its books balance, and the old one is not back. */
async function check({ client, keys, oldGroup, group, say, signal }: CutoverOptions): Promise<void> {
  const deadline = performance.now() + CHECK_MS;
  for (;;) {
    signal.throwIfAborted();
    const faults = await faultsNow();
    if (faults.length === 0)
      return say('checked       all was adopted, the books balance, the old group is gone');
    if (performance.now() > deadline)
      throw new Error(`The new service runs, but after ${CHECK_MS / 1000} s: ${faults.join('; ')}.`);
    await sleep(POLL_MS, undefined, { signal });
  }

  async function faultsNow(): Promise<string[]> {
    const groups = ((await client.xinfo('GROUPS', keys.input)) as unknown[][]).map((flat) => flat[1]);
    if (!groups.includes(group)) return [`the group ${group} is missing`];
    const consumers = ((await client.xinfo('CONSUMERS', keys.input, group)) as unknown[][]).map(
      (flat) => flat[1],
    );
    const reading = await readBooks(client, { keys, group });
    return [
      groups.includes(oldGroup) &&
        `the group ${oldGroup} is there again: the old service still runs somewhere`,
      consumers.includes(TAKE_OVER_CONSUMER) && 'what was pending has not been adopted yet',
      !reading && 'the books are not open yet',
      reading && reading.books.unaccounted > 0 && `${reading.books.unaccounted} frames are unaccounted for`,
    ].filter((fault) => typeof fault === 'string');
  }
}

function refused(reasons: readonly string[], say: (line: string) => void): CutoverReport {
  for (const reason of reasons) say(`refused       ${reason}`);
  say('Nothing was changed.');
  return { outcome: 'refused', reasons };
}
