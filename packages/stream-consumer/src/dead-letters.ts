import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import { type EntryReply, recordOf } from './entry.ts';
import { loadScript, type ScriptClient } from './script.ts';

export interface DeadLetter {
  /** Entry id in the dead-letter stream. */
  readonly id: string;
  /** The record as it came, with dead_letter_reason, dead_letter_detail, dead_letter_at and dead_letter_source. */
  readonly fields: FlatRecord;
}

interface StreamClient extends ScriptClient {
  xrevrange(key: string, end: string, start: string, token: 'COUNT', count: number): Promise<EntryReply[]>;
  xdel(key: string, ...ids: string[]): Promise<number>;
}

const requeueScript = loadScript('requeue');

/** The newest dead letters first. @param before list those older than this entry id */
export async function listDeadLetters(
  client: StreamClient,
  keys: KeyNames,
  { count, before }: { count: number; before?: string | undefined },
): Promise<DeadLetter[]> {
  const entries = await client.xrevrange(
    keys.deadLetter,
    before === undefined ? '+' : `(${before}`,
    '-',
    'COUNT',
    count,
  );
  return entries.map(([id, fields]) => ({ id, fields: recordOf(fields ?? []) }));
}

/** Sends dead letters again as a first attempt. @returns for each id, whether there was such a dead letter */
export async function requeueDeadLetters(
  client: ScriptClient,
  keys: KeyNames,
  ids: readonly string[],
): Promise<boolean[]> {
  if (ids.length === 0) return [];
  const answers = (await requeueScript.run(client, [keys.ledger, keys.deadLetter, keys.retry], {
    ids,
  })) as number[];
  return answers.map((answer) => answer === 1);
}

/** Deletes a dead letter for good; in the books it stays dead-lettered. @returns whether there was one */
export async function deleteDeadLetter(client: StreamClient, keys: KeyNames, id: string): Promise<boolean> {
  return (await client.xdel(keys.deadLetter, id)) === 1;
}
