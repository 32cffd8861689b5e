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
  /** Whether it was there before the first look: it says when, and nothing about rates. */
  readonly old: boolean;
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

/** Looks at the ends of the results streams. Results of one stream come in the order in which they were published. */
export function createResultTail(client: TailClient, onResult: (result: SeenResult) => void): ResultTail {
  const last = new Map<string, string>();

  async function lookAt(stream: string): Promise<boolean> {
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
      return true;
    }
    last.set(stream, newest[0]);
    const all = from === undefined || entries.length < MAX_ENTRIES;
    const readMs = timeOf(newest[0]) - timeOf(oldest[0]);
    const weight = all || from === undefined ? 1 : (timeOf(newest[0]) - timeOf(from)) / Math.max(1, readMs);
    for (const [id, flat] of entries.reverse()) {
      const fields = recordOf(flat ?? []);
      const seconds = Number.parseFloat(fields['processing_time'] ?? '');
      onResult({
        atMs: timeOf(id),
        camera: fields['camera_id'],
        processor: fields['processor_id'],
        capability: fields['capability'],
        durationMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
        weight: Math.max(1, weight),
        old: from === undefined,
      });
    }
    return all;
  }

  return {
    async look(streams) {
      const looks = await Promise.all(streams.slice(0, MAX_STREAMS).map(lookAt));
      return looks.every(Boolean) && streams.length <= MAX_STREAMS;
    },
  };
}

const timeOf = (id: string): number => Number.parseInt(id, 10);
