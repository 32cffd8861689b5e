import type { KeyNames } from '@frame-buffer/models';
import { type EntryReply, recordOf, type Source, type SourceEntry } from './entry.ts';
import { loadScript, type ScriptClient } from './script.ts';

export interface AdoptOptions {
  readonly keys: KeyNames;
  readonly group: string;
  /** Whose pending entries; the heir itself after a connection broke with deliveries under way. */
  readonly consumer: string;
  readonly heir: string;
}

export interface Adopted {
  readonly entries: readonly SourceEntry[];
  /** Pending entries whose body had been deleted: lost, and counted in the ledger. */
  readonly lost: number;
}

const PAGE = 256;
const IDS_PAGE = 1_000;
const script = loadScript('adopt');

/** Takes over all pending entries of a consumer, page by page, and removes its name once it holds nothing. */
export async function* adoptPending(
  client: ScriptClient,
  source: Source,
  options: AdoptOptions,
): AsyncGenerator<Adopted> {
  const { keys, group, consumer, heir } = options;
  const stream = source === 'input' ? keys.input : keys.retry;
  const request = {
    group,
    consumer,
    heir,
    limit: PAGE,
    counter: source === 'input' ? 'lost_pending' : 'lost_in_queues',
    acknowledged: source === 'input',
  };
  let after = '0-0';
  while (after !== '') {
    const reply = await script.run(client, [keys.ledger, stream], { ...request, after });
    const [entries, next, lost] = reply as [EntryReply[], string, number];
    after = next;
    yield { entries: entries.map(([id, fields]) => ({ source, id, fields: recordOf(fields ?? []) })), lost };
  }
}

/** A consumer of the orchestrators' group, and how much it holds. */
export interface GroupConsumer {
  readonly name: string;
  readonly pending: number;
}

/** Ids of all that is pending for a consumer. */
export async function pendingIdsOf(
  client: { call(command: string, ...args: string[]): Promise<unknown> },
  stream: string,
  group: string,
  consumer: string,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let from = '-'; ;) {
    const page = (await client.call('XPENDING', stream, group, from, '+', String(IDS_PAGE), consumer)) as [
      string,
    ][];
    for (const [id] of page) ids.add(id);
    const last = page.at(-1)?.[0];
    if (last === undefined || page.length < IDS_PAGE) return ids;
    from = `(${last}`;
  }
}

export async function consumersOf(
  client: { call(command: string, ...args: string[]): Promise<unknown> },
  stream: string,
  group: string,
): Promise<GroupConsumer[]> {
  const reply = (await client.call('XINFO', 'CONSUMERS', stream, group)) as unknown[][];
  return reply.map((flat) => {
    const value = (name: string): unknown => flat[flat.indexOf(name) + 1];
    return { name: String(value('name')), pending: Number(value('pending')) };
  });
}
