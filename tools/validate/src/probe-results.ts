import type { FlatRecord } from '@frame-buffer/models';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';

export interface ProbeResult {
  readonly fields: FlatRecord;
  /** ms, monotonic. */
  readonly seenAtMs: number;
}

/** Reads the results of the probe frames as they come. */
export interface ProbeResults {
  /** Reads until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** All of a frame; one, or something is wrong. */
  of(frameId: string): readonly ProbeResult[];
  /** Waits until every frame has a result. @returns the ids of those that have none when the time is over */
  missing(frameIds: readonly string[], withinMs: number, signal: AbortSignal): Promise<readonly string[]>;
}

const BLOCK_MS = 200;
const COUNT = 1_000;
const POLL_MS = 20;

/** @param redis a connection of its own: it is blocked most of the time */
export function readProbeResults(redis: Redis, stream: string): ProbeResults {
  const seen = new Map<string, ProbeResult[]>();
  let last = '0-0';

  function take([id, flat]: EntryReply): void {
    const fields = recordOf(flat ?? []);
    const frameId = fields['frame_id'] ?? '';
    const results = seen.get(frameId) ?? [];
    results.push({ fields, seenAtMs: performance.now() });
    seen.set(frameId, results);
    last = id;
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const reply = await redis.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, last);
        for (const [, entries] of (reply ?? []) as [string, EntryReply[]][]) entries.forEach(take);
      }
    },
    of: (frameId) => seen.get(frameId) ?? [],
    async missing(frameIds, withinMs, signal) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const left = frameIds.filter((id) => !seen.has(id));
        if (left.length === 0 || performance.now() > deadline) return left;
        signal.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
  };
}
