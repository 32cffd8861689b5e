import type { FlatRecord } from '@frame-buffer/models';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';

/** A result as far as the page needs it. */
export interface SeenResult {
  readonly atMs: number;
  readonly camera: string | undefined;
  readonly processor: string | undefined;
  readonly capability: string | undefined;
  readonly durationMs: number | undefined;
  /** How many results this one stands for: more than 1 where not all could be read. */
  readonly weight: number;
}

export interface ResultTail {
  /** Reads what came since the last look. @returns whether all of it was read */
  look(streams: readonly string[]): Promise<boolean>;
}

interface TailClient {
  xrevrange(key: string, end: string, start: string, token: 'COUNT', count: number): Promise<EntryReply[]>;
}

/** Results are read whole, so a look must end: what comes faster than this is sampled, the newest first. */
const MAX_ENTRIES = 500;
const MAX_STREAMS = 20;
/** After nobody has looked for longer, those read stand for themselves: what was missed is no part of the rate now. */
const MAX_GAP_MS = 5_000;

/** Looks at the ends of the results streams. Results of one look come in the order in which they were published. */
export function createResultTail(client: TailClient, onResult: (result: SeenResult) => void): ResultTail {
  const last = new Map<string, string>();

  async function lookAt(stream: string): Promise<{ all: boolean; results: SeenResult[] }> {
    const from = last.get(stream);
    const entries = await client.xrevrange(
      stream,
      '+',
      from === undefined ? '-' : `(${from}`,
      'COUNT',
      MAX_ENTRIES,
    );
    const newest = entries[0];
    const oldest = entries.at(-1);
    if (!newest || !oldest) {
      if (from === undefined) last.set(stream, '0-0');
      return { all: true, results: [] };
    }
    last.set(stream, newest[0]);
    const all = from === undefined || entries.length < MAX_ENTRIES;
    const gapMs = from === undefined ? 0 : timeOf(newest[0]) - timeOf(from);
    const readMs = Math.max(1, timeOf(newest[0]) - timeOf(oldest[0]));
    const weight = all || gapMs > MAX_GAP_MS ? 1 : Math.max(1, gapMs / readMs);
    return { all, results: entries.map(([id, flat]) => resultOf(id, recordOf(flat ?? []), weight)) };
  }

  return {
    async look(streams) {
      const looks = await Promise.all(streams.slice(0, MAX_STREAMS).map(lookAt));
      const results = looks.flatMap((look) => look.results.reverse());
      for (const result of results.sort((a, b) => a.atMs - b.atMs)) onResult(result);
      return looks.every(({ all }) => all) && streams.length <= MAX_STREAMS;
    },
  };
}

function resultOf(id: string, fields: FlatRecord, weight: number): SeenResult {
  const seconds = Number.parseFloat(fields['processing_time'] ?? '');
  return {
    atMs: timeOf(id),
    camera: fields['camera_id'],
    processor: fields['processor_id'],
    capability: fields['capability'],
    durationMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    weight,
  };
}

const timeOf = (id: string): number => Number.parseInt(id, 10);
