import { type Books, inFlight } from '@frame-buffer/models';
import type { LatencyMs } from './result-watch.ts';

/** The last line of `npm start -- --json`. */
export interface Report {
  readonly captured: number;
  readonly completed: number;
  readonly deadLettered: number;
  readonly shed: number;
  readonly lostUpstream: number;
  readonly inFlight: number;
  readonly unaccounted: number;
  readonly duplicates: number;
  readonly fps: number;
  readonly latencyMs: LatencyMs;
}

export function reportOf(
  books: Books,
  figures: { duplicates: number; seconds: number; latency: LatencyMs },
): Report {
  return {
    captured: books.captured,
    completed: books.completed,
    deadLettered: books.deadLettered,
    shed: books.shed,
    lostUpstream: books.lostUpstream,
    inFlight: inFlight(books),
    unaccounted: books.unaccounted,
    duplicates: figures.duplicates,
    fps: round(books.completed / Math.max(figures.seconds, 0.001)),
    latencyMs: { p50: round(figures.latency.p50), p99: round(figures.latency.p99) },
  };
}

/** 0 only where every frame is accounted for and none gave two results. */
export const exitCodeOf = ({ unaccounted, duplicates }: Report): number =>
  unaccounted === 0 && duplicates === 0 ? 0 : 1;

/** The books as a person reads them: a sum that must come out. */
export function booksTable(books: Books): string {
  const total = books.captured + books.fanout;
  const rows: [string, number][] = [
    ['completed', books.completed],
    ['in flight (unread, waiting, queued, in process)', inFlight(books)],
    ['dead letters', books.deadLettered],
    ['shed', books.shed],
    ['lost upstream', books.lostUpstream],
    ['unaccounted', books.unaccounted],
  ];
  const width = String(total).length;
  const lines = rows.map(
    ([name, count], i) => `${i === 0 ? '=' : '+'} ${String(count).padStart(width)}  ${name}`,
  );
  const copies =
    books.fanout > 0 ? ` (${books.captured} frames and ${books.fanout} copies for further capabilities)` : '';
  return [`  ${total}  captured${copies}`, ...lines].join('\n');
}

/** What `npm start` ends with. */
export function closingText(books: Books, report: Report): string {
  const { duplicates, fps, latencyMs } = report;
  const figures = `  ${duplicates} duplicate results · ${fps} frames/s · capture to result p50 ${latencyMs.p50} ms, p99 ${latencyMs.p99} ms`;
  return `\n${booksTable(books)}\n\n${figures}\n`;
}

/** One line that is written over and over. */
export function statusLine(
  books: Books,
  figures: { seconds: number; inRate: number; outRate: number; latency: LatencyMs },
): string {
  const waiting = books.unread + books.pendingInput + books.waitingRetry;
  const ms = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(1));
  return [
    clock(figures.seconds),
    `in ${books.captured} (${figures.inRate.toFixed(0)}/s)`,
    `out ${books.completed} (${figures.outRate.toFixed(0)}/s)`,
    `waiting ${waiting}`,
    `in process ${books.outstanding}`,
    `p50 ${ms(figures.latency.p50)} p99 ${ms(figures.latency.p99)} ms`,
    `unaccounted ${books.unaccounted}`,
  ].join('  ');
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${String(Math.floor(whole / 60)).padStart(2, '0')}:${String(whole % 60).padStart(2, '0')}`;
}

const round = (value: number): number => (Number.isFinite(value) ? Math.round(value * 100) / 100 : 0);
