import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import { flatten, type SourceEntry } from './entry.ts';
import { loadScript, type ScriptClient } from './script.ts';

export const DEAD_LETTER_REASONS = ['bad_record', 'attempts_used_up', 'terminal_error'] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

/** A frame that ends at the orchestrator, and why. */
export interface SettledFrame<Reason extends string> {
  readonly entry: SourceEntry;
  readonly reason: Reason;
  /** A sentence anyone can read. */
  readonly detail: string;
}

export interface SettleOptions {
  readonly keys: KeyNames;
  readonly group: string;
  /** ISO 8601. */
  readonly at: string;
}

/** The shed stream is a record of the last ones, not an archive: the ledger has the count. */
const SHED_MAX_LENGTH = 10_000;
const KEY_OF_SOURCE = { input: 2, retry: 3 } as const;
const script = loadScript('settle');

/** Moves frames to the dead letter. @returns for each frame, whether it was ours to settle */
export function deadLetter(
  client: ScriptClient,
  frames: readonly SettledFrame<DeadLetterReason>[],
  options: SettleOptions,
): Promise<boolean[]> {
  const added = ({ reason, detail, entry }: SettledFrame<string>): FlatRecord => ({
    dead_letter_reason: reason,
    dead_letter_detail: detail,
    dead_letter_at: options.at,
    dead_letter_source: entry.source,
  });
  return settle(client, options.keys.deadLetter, frames, added, options, { counter: 'dead_lettered' });
}

/** Gives frames up under a policy that the operator chose. @returns for each frame, whether it was ours to settle */
export function shed(
  client: ScriptClient,
  frames: readonly SettledFrame<string>[],
  options: SettleOptions,
): Promise<boolean[]> {
  const added = ({ reason, detail }: SettledFrame<string>): FlatRecord => ({
    shed_reason: reason,
    shed_detail: detail,
    shed_at: options.at,
  });
  return settle(client, options.keys.shed, frames, added, options, {
    counter: 'shed',
    max_length: SHED_MAX_LENGTH,
  });
}

async function settle(
  client: ScriptClient,
  target: string,
  frames: readonly SettledFrame<string>[],
  added: (frame: SettledFrame<string>) => FlatRecord,
  { keys, group }: SettleOptions,
  kind: object,
): Promise<boolean[]> {
  if (frames.length === 0) return [];
  const request = {
    group,
    ...kind,
    frames: frames.map((frame) => [
      KEY_OF_SOURCE[frame.entry.source],
      frame.entry.id,
      flatten(added(frame)),
      flatten(frame.entry.fields),
      frame.reason,
    ]),
  };
  const answers = (await script.run(
    client,
    [keys.ledger, keys.input, keys.retry, target],
    request,
  )) as number[];
  return answers.map((answer) => answer === 1);
}
