import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import { type EntryReply, recordOf } from './entry.ts';
import type { WorkQueue } from './work-queue.ts';

/**
 * Where a trace of a frame was found. In the input and in queues: `unread`, `pending` (delivered to `holder`, not finished) or
 * `settled` (its entry is left over); elsewhere `settled`.
 */
export interface FoundEntry {
  readonly where: 'input' | 'queue' | 'retry' | 'results' | 'dead_letter' | 'shed';
  readonly stream: string;
  readonly entryId: string;
  readonly state: 'unread' | 'pending' | 'settled';
  /** The consumer that holds it. */
  readonly holder: string | undefined;
  readonly fields: FlatRecord;
}

export interface FrameSearch {
  /** In the order in which they were written. */
  readonly entries: readonly FoundEntry[];
  /** Whether a stream was longer than what is searched, so that something older may have been missed. */
  readonly partial: boolean;
}

interface SearchClient {
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  xrevrange(key: string, end: string, start: string, token: 'COUNT', count: number): Promise<EntryReply[]>;
}

export interface FindFrameOptions {
  readonly keys: KeyNames;
  /** Consumer group of input and retry stream. */
  readonly group: string;
  readonly queues: readonly Pick<WorkQueue, 'queue' | 'group'>[];
  /** Streams of results. */
  readonly results: readonly string[];
  /** Entries searched in each stream, the newest first. */
  readonly maxEntries?: number;
}

const PAGE = 1_000;
const DEFAULT_MAX_ENTRIES = 50_000;

/**
 * Looks for a frame in every stream. There is no index, because one would cost every frame something; this costs the one who
 * asks some milliseconds for each stream, in pages that let others in between.
 */
export async function findFrame(
  client: SearchClient,
  frameId: string,
  options: FindFrameOptions,
): Promise<FrameSearch> {
  const { keys, group, queues, results, maxEntries = DEFAULT_MAX_ENTRIES } = options;
  const places: [FoundEntry['where'], string, string | undefined][] = [
    ['input', keys.input, group],
    ...queues.map(({ queue, group: ofQueue }): [FoundEntry['where'], string, string] => [
      'queue',
      queue,
      ofQueue,
    ]),
    ['retry', keys.retry, group],
    ...results.map((stream): [FoundEntry['where'], string, undefined] => ['results', stream, undefined]),
    ['dead_letter', keys.deadLetter, undefined],
    ['shed', keys.shed, undefined],
  ];
  const found: FoundEntry[] = [];
  let partial = false;
  for (const [where, stream, ofGroup] of places) {
    const { entries, more } = await search(client, stream, frameId, maxEntries);
    partial ||= more;
    for (const [entryId, fields] of entries) {
      const state = ofGroup === undefined ? SETTLED : await stateOf(client, stream, ofGroup, entryId);
      found.push({ where, stream, entryId, ...state, fields: recordOf(fields ?? []) });
    }
  }
  return { entries: found.toSorted(inTime), partial };
}

const SETTLED = { state: 'settled', holder: undefined } as const;

async function search(
  client: SearchClient,
  stream: string,
  frameId: string,
  maxEntries: number,
): Promise<{ entries: EntryReply[]; more: boolean }> {
  const entries: EntryReply[] = [];
  let end = '+';
  for (let seen = 0; seen < maxEntries; seen += PAGE) {
    const page = await client.xrevrange(stream, end, '-', 'COUNT', PAGE);
    for (const entry of page) if (hasFrameId(entry, frameId)) entries.push(entry);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return { entries, more: false };
    end = `(${last[0]}`;
  }
  return { entries, more: true };
}

function hasFrameId([, fields]: EntryReply, frameId: string): boolean {
  for (let i = 0; fields && i < fields.length; i += 2)
    if (fields[i] === 'frame_id') return fields[i + 1] === frameId;
  return false;
}

async function stateOf(
  client: SearchClient,
  stream: string,
  group: string,
  entryId: string,
): Promise<Pick<FoundEntry, 'state' | 'holder'>> {
  try {
    const [pending] = (await client.call('XPENDING', stream, group, entryId, entryId, 1)) as [
      string,
      string,
    ][];
    if (pending) return { state: 'pending', holder: pending[1] };
    const groups = (await client.call('XINFO', 'GROUPS', stream)) as string[][];
    const info = groups.find((flat) => flat[1] === group) ?? [];
    const delivered = info[info.indexOf('last-delivered-id') + 1];
    return delivered !== undefined && compareIds(entryId, delivered) > 0
      ? { state: 'unread', holder: undefined }
      : SETTLED;
  } catch (error) {
    // Between finding the entry and asking for it its stream or group may have gone.
    if (error instanceof Error && /^(NOGROUP|ERR no such key)/.test(error.message)) return SETTLED;
    throw error;
  }
}

/** Within one millisecond, which is all that ids of different streams tell, in the order of the journey. */
function inTime(a: FoundEntry, b: FoundEntry): number {
  if (a.stream === b.stream) return compareIds(a.entryId, b.entryId);
  return Number.parseInt(a.entryId, 10) - Number.parseInt(b.entryId, 10);
}

/** Entry ids, <ms>-<seq>, in the order in which they were given. Both parts have up to 64 bits, more than a number can tell apart. */
function compareIds(a: string, b: string): number {
  const [msA = '', seqA = ''] = a.split('-');
  const [msB = '', seqB = ''] = b.split('-');
  return compareDigits(msA, msB) || compareDigits(seqA, seqB);
}

const compareDigits = (a: string, b: string): number => a.length - b.length || Number(a > b) - Number(a < b);
