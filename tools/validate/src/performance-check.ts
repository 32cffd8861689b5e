import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from './context.ts';
import { type Latency, latencyOf, latencyText } from './latency.ts';

export interface PerformanceFigures {
  readonly published: number;
  readonly completed: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Results per second, from the first frame to the last result. */
  readonly throughputFps: number;
  /** Capture to processor. */
  readonly latencyMs: Latency;
}

export interface PerformanceOptions {
  readonly forMs: number;
  readonly fps: number;
}

const LAST_RESULTS_MS = 10_000;
/** The last frames need a moment as well; a deployment that can't keep up falls far below. */
const MIN_SHARE_OF_RATE = 0.95;

/** Task 4: frames at a steady rate for a while, none lost, none twice. */
export async function checkPerformance(
  context: Context,
  { forMs, fps }: PerformanceOptions,
): Promise<PerformanceFigures> {
  const { probe, results, note, signal, redis, keys } = context;
  const task = 'rate';
  const arrived = new Map<string, number>();
  const processor = await context.startProcessor('performance', task, ({ frameId }) => {
    arrived.set(frameId, performance.now());
  });
  const total = Math.round((forMs / 1000) * fps);
  const sent = new Map<string, number>();
  const adding: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (let i = 0; i < total; i++) {
    const waitMs = startedAt + (i * 1000) / fps - performance.now();
    if (waitMs > 1) await sleep(waitMs, undefined, { signal });
    const record = probe.record(task, i);
    sent.set(record['frame_id'] ?? '', performance.now());
    adding.push(redis.xadd(keys.input, '*', ...Object.entries(record).flat()));
  }
  await Promise.all(adding);
  const ids = [...sent.keys()];
  const missing = await results.missing(ids, LAST_RESULTS_MS, signal);
  await processor.stop();
  const lastMs = ids.reduce((last, id) => Math.max(last, results.of(id)[0]?.seenAtMs ?? 0), startedAt);
  const figures: PerformanceFigures = {
    published: total,
    completed: total - missing.length,
    lost: missing.length,
    duplicates: ids.reduce((sum, id) => sum + Math.max(0, results.of(id).length - 1), 0),
    throughputFps: (total - missing.length) / Math.max((lastMs - startedAt) / 1000, 1 / fps),
    latencyMs: latencyOf(ids.map((id) => (arrived.get(id) ?? NaN) - (sent.get(id) ?? NaN))),
  };
  note('no frame is lost', figures.lost === 0, `${figures.completed} of ${total} in ${forMs / 1000} s`);
  note('none is done twice', figures.duplicates === 0, `${figures.duplicates} results too many`);
  note(
    'throughput',
    figures.throughputFps >= MIN_SHARE_OF_RATE * fps,
    `${figures.throughputFps.toFixed(1)} of ${fps} frames/s`,
  );
  note(
    'latency, capture to processor',
    Number.isFinite(figures.latencyMs.p99),
    latencyText(figures.latencyMs),
  );
  return figures;
}
