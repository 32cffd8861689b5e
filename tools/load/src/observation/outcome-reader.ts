import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import type { Tally } from './tally.ts';

/** Reads results, shed frames and dead letters as they come, from the moment at which it was opened. */
export interface OutcomeReader {
  /** Reads until the signal, and then what is left. */
  run(signal: AbortSignal): Promise<void>;
}

const COUNT = 2_000;
const BLOCK_MS = 200;
const RETRY_MS = 100;

/** @param redis for its blocking reads alone */
export async function openOutcomeReader(redis: Redis, keys: KeyNames, tally: Tally): Promise<OutcomeReader> {
  const streams = [keys.results, keys.shed, keys.deadLetter];
  const last = new Map<string, string>();
  for (const stream of streams) {
    const [newest] = (await redis.xrevrange(stream, '+', '-', 'COUNT', 1)) as EntryReply[];
    last.set(stream, newest?.[0] ?? '0-0');
  }

  function take(stream: string, [id, flat]: EntryReply, atMs: number): void {
    last.set(stream, id);
    const record = recordOf(flat ?? []);
    if (stream === keys.results) tally.result(record, atMs);
    else if (stream === keys.shed) tally.shed(record);
    else tally.deadLetter(record);
  }

  async function read(blockMs: number): Promise<number> {
    const ids = streams.map((stream) => last.get(stream) as string);
    const reply = (await redis.xread('COUNT', COUNT, 'BLOCK', blockMs, 'STREAMS', ...streams, ...ids)) as
      [string, EntryReply[]][] | null;
    const nowMs = performance.now();
    let count = 0;
    for (const [stream, entries] of reply ?? []) {
      count += entries.length;
      for (const entry of entries) take(stream, entry, nowMs);
    }
    return count;
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        // Redis may be away for a while, on purpose too; what comes meanwhile is read afterwards.
        await read(BLOCK_MS).catch(() => sleep(RETRY_MS));
      }
      while ((await read(1).catch(() => 0)) > 0);
    },
  };
}
