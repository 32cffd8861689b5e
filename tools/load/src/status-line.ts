import type { LatencySummary } from './observation/latency-histogram.ts';
import type { TimelineRow } from './observation/timeline.ts';
import { BEHIND_MS } from './report.ts';

/** One line that is written over and over. */
export function statusLine(row: TimelineRow, recent: LatencySummary, behindMs: number): string {
  const seconds = Math.floor(row.atSeconds);
  const clock = [Math.floor(seconds / 60), seconds % 60].map((part) => String(part).padStart(2, '0'));
  const ms = (value: number | null): string => (value === null ? '–' : value.toFixed(0));
  return [
    clock.join(':'),
    `in ${row.publishedPerSecond.toFixed(0)}/s`,
    `out ${row.resultsPerSecond.toFixed(0)}/s`,
    ...(row.shedPerSecond > 0 ? [`shed ${row.shedPerSecond.toFixed(0)}/s`] : []),
    `waiting ${row.waiting}`,
    `in process ${row.outstanding}`,
    `p50 ${ms(recent.p50)} p99 ${ms(recent.p99)} ms`,
    row.level,
    `unaccounted ${row.unaccounted}`,
    ...(behindMs > BEHIND_MS ? [`THE PUBLISHER IS ${behindMs.toFixed(0)} ms BEHIND`] : []),
  ].join('  ');
}
