import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { parseTimestamp } from '@frame-buffer/models';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';

export interface LatencyMs {
  readonly p50: number;
  readonly p99: number;
}

/** Reads every result as it is published. */
export interface ResultWatch {
  /** Reads until the signal, and then what is left. */
  run(signal: AbortSignal): Promise<void>;
  results(): number;
  /** Results beyond the first for one frame and capability. */
  duplicates(): number;
  /** From the picture to its result. */
  latency(): LatencyMs;
  /** The same over what came since the last call. */
  recentLatency(): LatencyMs;
}

const BLOCK_MS = 200;
const COUNT = 1_000;
const MICROSECONDS = 1_000;

export function watchResults(redis: Redis, stream: string): ResultWatch {
  const whole = createHistogram();
  const recent = createHistogram();
  const seen = new Set<string>();
  let count = 0;
  let duplicates = 0;
  let last = '0-0';

  function take([id, flat]: EntryReply): void {
    const fields = recordOf(flat ?? []);
    count++;
    last = id;
    const key = `${fields['frame_id']} ${fields['capability'] ?? ''}`;
    if (seen.has(key)) duplicates++;
    seen.add(key);
    const capturedMs = parseTimestamp(fields['captured_at'] ?? '');
    if (capturedMs === undefined) return;
    // The id of the entry is the moment at which Redis took the result.
    const us = Math.max(1, Math.round((Number.parseInt(id, 10) - capturedMs) * MICROSECONDS));
    whole.record(us);
    recent.record(us);
  }

  async function read(blockMs: number): Promise<number> {
    const reply = (await redis.xread('COUNT', COUNT, 'BLOCK', blockMs, 'STREAMS', stream, last)) as
      [string, EntryReply[]][] | null;
    const entries = reply?.[0]?.[1] ?? [];
    entries.forEach(take);
    return entries.length;
  }

  return {
    async run(signal) {
      while (!signal.aborted) await read(BLOCK_MS);
      while ((await read(1)) > 0);
    },
    results: () => count,
    duplicates: () => duplicates,
    latency: () => percentiles(whole),
    recentLatency() {
      const figures = percentiles(recent);
      recent.reset();
      return figures;
    },
  };
}

function percentiles(histogram: RecordableHistogram): LatencyMs {
  if (histogram.count === 0) return { p50: Number.NaN, p99: Number.NaN };
  return { p50: histogram.percentile(50) / MICROSECONDS, p99: histogram.percentile(99) / MICROSECONDS };
}
