import type { KeyNames } from '@frame-buffer/models';
import { type EntryReply, recordOf, type Source, type SourceEntry } from './entry.ts';
import { loadScript, type ScriptClient } from './script.ts';

export interface TakenUp {
  readonly entries: readonly SourceEntry[];
  /** Ids whose body had been deleted: lost, and counted in the ledger; or done by somebody else meanwhile. */
  readonly lost: readonly string[];
}

const script = loadScript('take-up');

/** Reads entries of one source again that were delivered to us, and of which only the ids were kept. */
export async function takeUp(
  client: ScriptClient,
  source: Source,
  ids: readonly string[],
  { keys, group }: { readonly keys: KeyNames; readonly group: string },
): Promise<TakenUp> {
  if (ids.length === 0) return { entries: [], lost: [] };
  const request = {
    group,
    ids,
    counter: source === 'input' ? 'lost_pending' : 'lost_in_queues',
    acknowledged: source === 'input',
  };
  const stream = source === 'input' ? keys.input : keys.retry;
  const [entries, lost] = (await script.run(client, [keys.ledger, stream], request)) as [
    EntryReply[],
    string[],
  ];
  return { entries: entries.map(([id, fields]) => ({ source, id, fields: recordOf(fields ?? []) })), lost };
}
