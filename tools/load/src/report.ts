import { booksTable } from '@frame-buffer/main-job';
import { type Books, inFlight } from '@frame-buffer/models';
import type { LatencySummary } from './observation/latency-histogram.ts';
import type { LevelSpan } from './observation/levels.ts';
import { type HeapMarks, type SteadyState, steadyState } from './observation/steady-state.ts';
import type { Tally } from './observation/tally.ts';
import type { TimelineRow } from './observation/timeline.ts';
import type { PublisherCounts } from './publisher.ts';

/** The last line of `npm run load -- --json`. Times are in ms unless their name says otherwise. */
export interface LoadReport {
  readonly fps: number;
  /** How long frames were published. */
  readonly seconds: number;
  readonly publisher: {
    readonly published: number;
    readonly perSecond: number;
    readonly refused: number;
    /** Due, and not sent: it could not keep up. */
    readonly unsent: number;
    readonly unanswered: number;
    /** From the moment a frame was due until Redis had it; all latencies contain it. */
    readonly delayMs: LatencySummary;
  };
  readonly results: {
    readonly total: number;
    readonly duplicates: number;
    /** While frames were published. */
    readonly perSecond: number;
    /** From the moment a frame was due until its result was seen. */
    readonly latencyMs: LatencySummary;
    /** The same without the processor's own time. */
    readonly ageAtStartMs: LatencySummary;
    readonly byCapability: Readonly<Record<string, LatencySummary>>;
    readonly byPriority: Readonly<Record<string, LatencySummary>>;
  };
  readonly shed: Readonly<Record<string, number>>;
  readonly deadLettered: Readonly<Record<string, number>>;
  /** Without the warm-up. */
  readonly steady: SteadyState;
  readonly levels: readonly LevelSpan[];
  readonly timeline: readonly TimelineRow[];
  /** Of this run. */
  readonly books: Books;
  /** Neither finished nor given up when the run ended: they have no latency, and would have long ones. */
  readonly unfinished: number;
}

export interface ReportInput {
  readonly fps: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** See `SteadyInput`. */
  readonly slots: number;
  readonly heapMiB: HeapMarks;
  readonly resultsWhilePublishing: number;
  readonly publisher: PublisherCounts;
  readonly delays: LatencySummary;
  readonly tally: Tally;
  readonly levels: readonly LevelSpan[];
  readonly timeline: readonly TimelineRow[];
  readonly books: Books;
}

export function reportOf(input: ReportInput): LoadReport {
  const { tally, books, publisher } = input;
  const perSecond = (count: number): number => Number((count / Math.max(input.seconds, 0.001)).toFixed(1));
  const summaries = (histograms: Tally['byPriority']): Record<string, LatencySummary> =>
    Object.fromEntries([...histograms].sort().map(([name, histogram]) => [name, histogram.summary()]));
  return {
    fps: input.fps,
    seconds: Number(input.seconds.toFixed(2)),
    publisher: {
      published: publisher.published,
      perSecond: perSecond(publisher.published),
      refused: publisher.refused,
      unsent: publisher.unsent,
      unanswered: publisher.unanswered,
      delayMs: input.delays,
    },
    results: {
      total: tally.counts.results,
      duplicates: tally.counts.duplicates,
      perSecond: perSecond(input.resultsWhilePublishing),
      latencyMs: tally.latency.summary(),
      ageAtStartMs: tally.ageAtStart.summary(),
      byCapability: summaries(tally.byCapability),
      byPriority: summaries(tally.byPriority),
    },
    shed: tally.counts.shed,
    deadLettered: tally.counts.deadLettered,
    steady: steadyState({
      ...input,
      ageMs: tally.steady.summary(),
      serviceMs: tally.service.summary().mean,
    }),
    levels: input.levels,
    timeline: input.timeline,
    books,
    unfinished: inFlight(books),
  };
}

/** 0 only where every frame is accounted for, none gave two results and Redis refused none. */
export const exitCodeOf = ({ books, results, publisher }: LoadReport): number =>
  books.unaccounted === 0 && results.duplicates === 0 && publisher.refused === 0 ? 0 : 1;

/** A publisher that is later than this has fallen behind, and says so. */
export const BEHIND_MS = 100;

/** What a run ends with, for people. */
export function closingText(report: LoadReport, distribution: string): string {
  const { publisher, results } = report;
  const lines = [
    `in       ${publisher.published} frames in ${report.seconds} s: ${publisher.perSecond}/s of ${report.fps}/s`,
    ...warnings(report),
    `out      ${results.total} results, ${results.perSecond}/s while frames came`,
    `latency  ${summaryText(results.latencyMs)}   (from the moment a frame was due to its result)`,
    `at start ${summaryText(results.ageAtStartMs)}   (the same without the processor's own time)`,
    ...breakdown('', results.byCapability),
    ...breakdown('priority ', results.byPriority),
    ...steadyLines(report.steady),
    `levels   ${report.levels.map(({ atSeconds, level }) => `${level} from ${atSeconds} s`).join(', ')}`,
    `shed     ${countsText(report.shed)}`,
    `dead     ${countsText(report.deadLettered)}`,
  ];
  const histogram = results.total > 0 ? [`latency, ms\n${distribution.trim()}`] : [];
  return `\n${[lines.join('\n'), ...histogram, booksTable(report.books)].join('\n\n')}\n`;
}

function steadyLines(steady: SteadyState): string[] {
  const { ofCapacity, capacityPerSecond, serviceMs, heapMiB } = steady;
  const given = (value: number | null, text: (value: number) => string): string =>
    value === null ? '–' : text(value);
  const seconds = (value: number | null): string => given(value, (known) => `after ${known} s`);
  const mib = (value: number | null): string => given(value, (known) => `${known.toFixed(1)} MiB`);
  return [
    `steady   ${given(steady.resultsPerSecond, String)} results/s from ${steady.fromSeconds} to ${steady.untilSeconds} s`,
    ofCapacity !== null &&
      `         ${ofCapacity.mean} of the ${capacityPerSecond}/s that the processors can do; single seconds ${ofCapacity.least} to ${ofCapacity.most}`,
    `age      ${summaryText(steady.ageMs)}   (of frames that were due then)`,
    steady.ageP99InServiceTimes !== null &&
      `         p99 is ${steady.ageP99InServiceTimes} service times of ${serviceMs?.toFixed(1)} ms`,
    `pressure high ${seconds(steady.highAfterSeconds)}; normal ${seconds(steady.normalAfterSeconds)} once no more frames came`,
    heapMiB.atEnd !== null &&
      `heap     ${mib(heapMiB.warm)} once warm, ${mib(heapMiB.atEnd)} at the last frame, ${mib(heapMiB.afterwards)} afterwards (collected)`,
  ].filter((line) => line !== false);
}

function warnings({ publisher, unfinished }: LoadReport): string[] {
  const { unsent, refused, unanswered, delayMs } = publisher;
  return [
    (delayMs.max ?? 0) > BEHIND_MS &&
      `         it fell behind: frames reached Redis up to ${delayMs.max} ms late (p99 ${delayMs.p99} ms); the latencies contain that`,
    unsent > 0 && `         it could not keep up: ${unsent} frames were due and not sent`,
    refused > 0 && `         Redis refused ${refused} frames`,
    unanswered > 0 && `         Redis did not answer for ${unanswered} frames`,
    unfinished > 0 &&
      `         ${unfinished} frames were still under way at the end: they are in no latency, and would have long ones`,
  ].filter((line) => line !== false);
}

/** Nothing to compare where there is but one. */
function breakdown(title: string, summaries: Readonly<Record<string, LatencySummary>>): string[] {
  const entries = Object.entries(summaries);
  if (entries.length < 2) return [];
  return entries.map(([name, summary]) => `         ${summaryText(summary)}   ${title}${name}`);
}

function summaryText({ count, ...ms }: LatencySummary): string {
  if (count === 0) return 'none';
  return Object.entries(ms)
    .filter(([name]) => name !== 'mean')
    .map(([name, value]) => `${name} ${value === null ? '–' : value.toFixed(1)}`)
    .join(' ');
}

function countsText(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts);
  return entries.length === 0 ? 'none' : entries.map(([reason, count]) => `${count} ${reason}`).join(', ');
}
