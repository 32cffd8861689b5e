import type { Level } from './levels.ts';

/** The system at one moment: totals since publishing began, and what is where. */
export interface Snapshot {
  readonly atSeconds: number;
  readonly published: number;
  readonly results: number;
  readonly shed: number;
  /** Unread, waiting at an orchestrator, waiting to be tried again. */
  readonly waiting: number;
  /** In work queues: queued and in process. */
  readonly outstanding: number;
  readonly unaccounted: number;
  readonly level: Level;
  readonly memoryMiB: number | undefined;
}

/** One row of the timeline: rates since the row before. */
export interface TimelineRow {
  readonly atSeconds: number;
  readonly publishedPerSecond: number;
  readonly resultsPerSecond: number;
  readonly shedPerSecond: number;
  readonly waiting: number;
  readonly outstanding: number;
  readonly unaccounted: number;
  readonly level: Level;
  readonly memoryMiB: number | null;
}

export function rowOf(before: Snapshot, now: Snapshot): TimelineRow {
  const seconds = Math.max(now.atSeconds - before.atSeconds, 0.001);
  const rate = (of: 'published' | 'results' | 'shed'): number => round((now[of] - before[of]) / seconds, 1);
  return {
    atSeconds: round(now.atSeconds, 2),
    publishedPerSecond: rate('published'),
    resultsPerSecond: rate('results'),
    shedPerSecond: rate('shed'),
    waiting: now.waiting,
    outstanding: now.outstanding,
    unaccounted: now.unaccounted,
    level: now.level,
    memoryMiB: now.memoryMiB === undefined ? null : round(now.memoryMiB, 1),
  };
}

const round = (value: number, places: number): number => Number(value.toFixed(places));
