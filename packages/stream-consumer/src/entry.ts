import type { FlatRecord } from '@frame-buffer/models';

/** Which of the streams that orchestrators read an entry came from. */
export type Source = 'input' | 'retry';

/** One entry of the input or the retry stream; pending for this consumer until it is handed off or settled. */
export interface SourceEntry {
  readonly source: Source;
  readonly id: string;
  readonly fields: FlatRecord;
}

type FlatList = readonly string[];

/** A stream entry as Redis answers it: `[id, [name, value, ...]]`. */
export type EntryReply = readonly [id: string, fields: FlatList | null];

export function recordOf(list: FlatList): FlatRecord {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < list.length; i += 2) {
    const name = list[i] as string;
    // Assigned, this one would be swallowed.
    if (name === '__proto__') Object.defineProperty(record, name, { value: list[i + 1], enumerable: true });
    else record[name] = list[i + 1] as string;
  }
  return record;
}

export function flatten(record: FlatRecord): string[] {
  const list: string[] = [];
  for (const name in record) list.push(name, record[name] as string);
  return list;
}

/**
 * The answer of XREADGROUP: `[[stream, [[id, [name, value, ...]], ...]], ...]` under RESP2, and a map, which ioredis flattens to
 * `[stream, [[id, ...], ...], ...]`, under RESP3; null where nothing came in time. Entries deleted since they were delivered
 * have null instead of fields and are left out.
 */
export function entriesOf(reply: unknown): { stream: string; entries: EntryReply[] }[] {
  if (!Array.isArray(reply)) return [];
  const pairs: [string, EntryReply[]][] = [];
  if (typeof reply[0] === 'string') {
    for (let i = 0; i + 1 < reply.length; i += 2) pairs.push([reply[i], reply[i + 1]]);
  } else {
    pairs.push(...reply);
  }
  return pairs.map(([stream, entries]) => ({
    stream,
    entries: entries.filter((entry) => entry[1] !== null),
  }));
}
