import { createRateMeter, type RateMeter } from '@frame-buffer/backpressure';

/** What can be told of each processor from results and from frames that came back. */
export interface ProcessorWatch {
  result(id: string, frames: number, durationMs: number | undefined): void;
  failed(id: string): void;
  /** Left the registry because it died; `came` takes it back. */
  died(id: string, nowMs: number): void;
  came(id: string): void;
  /** Died in the last minute and did not come back. */
  deaths(nowMs: number): string[];
  figures(id: string): { rate: number | null; p95Ms: number | null; errors: number };
  /** Forgets all others. */
  keep(ids: ReadonlySet<string>): void;
}

interface Seen {
  readonly results: RateMeter;
  /** When attempts failed, the oldest first, by `clock`. */
  failedAtMs: number[];
  /** The last durations, in a ring. */
  readonly durations: number[];
  next: number;
}

/** Enough for a 95th percentile that means something, few enough to sort for hundreds of processors each second. */
const DURATIONS = 64;
const LATELY_MS = 60_000;
/** More failures than this in a minute are shown as this many. */
const MAX_FAILURES = 1_000;
const P95 = 0.95;

/** @param resultsClock how far results have been read, in ms */
export function createProcessorWatch(
  resultsClock: () => number,
  clock: () => number = () => performance.now(),
): ProcessorWatch {
  const seen = new Map<string, Seen>();
  const deathMs = new Map<string, number>();

  function of(id: string): Seen {
    let entry = seen.get(id);
    if (!entry) {
      entry = {
        results: createRateMeter({ clock: resultsClock }),
        failedAtMs: [],
        durations: [],
        next: 0,
      };
      seen.set(id, entry);
    }
    return entry;
  }

  return {
    result(id, frames, durationMs) {
      const entry = of(id);
      entry.results.add(frames);
      if (durationMs === undefined) return;
      entry.durations[entry.next] = durationMs;
      entry.next = (entry.next + 1) % DURATIONS;
    },
    failed(id) {
      const { failedAtMs } = of(id);
      failedAtMs.push(clock());
      if (failedAtMs.length > MAX_FAILURES) failedAtMs.shift();
    },
    died: (id, nowMs) => void deathMs.set(id, nowMs),
    came: (id) => void deathMs.delete(id),
    deaths(nowMs) {
      for (const [id, atMs] of deathMs) if (nowMs - atMs > LATELY_MS) deathMs.delete(id);
      return [...deathMs.keys()];
    },
    figures(id) {
      const entry = seen.get(id);
      if (!entry) return { rate: null, p95Ms: null, errors: 0 };
      const rate = entry.results.perSecond();
      const sinceMs = clock() - LATELY_MS;
      entry.failedAtMs = entry.failedAtMs.filter((atMs) => atMs > sinceMs);
      return {
        rate: Number.isNaN(rate) ? null : rate,
        p95Ms: percentile(entry.durations, P95),
        errors: entry.failedAtMs.length,
      };
    },
    keep(ids) {
      for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
    },
  };
}

function percentile(values: readonly number[], share: number): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? null;
}
