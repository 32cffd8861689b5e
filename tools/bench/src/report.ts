import type { HandOffReport } from './hand-off/hand-off-bench.ts';
import type { LatencyReport } from './latency/latency-bench.ts';
import type { BreakerReport } from './micro/breaker-bench.ts';
import type { PriorityQueueReport } from './micro/priority-queue-bench.ts';
import type { RoutingReport } from './routing/routing-bench.ts';
import type { PairedCost } from './telemetry/paired-cost.ts';
import type { TelemetryReport } from './telemetry/telemetry-bench.ts';

export interface BenchReport {
  readonly handoff: HandOffReport;
  readonly telemetry: TelemetryReport;
  readonly routing: RoutingReport;
  readonly breaker: BreakerReport;
  readonly priorityQueue: PriorityQueueReport;
  readonly latency: LatencyReport;
}

interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly decimals: number;
  /** What it must reach; undefined: a figure of this machine, which says nothing by itself. */
  readonly target?: { readonly atLeast: number } | { readonly below: number };
  readonly note?: string;
}

type Rows = { readonly [Part in keyof BenchReport]: (figures: BenchReport[Part]) => readonly Row[] };

const ROWS: Rows = {
  handoff: ({ framesPerSecond, bareLoop, bullmq, ratioToBareLoop, ratioToBullmq }) => [
    { what: 'hand-off, one orchestrator', value: framesPerSecond, unit: 'frames/s', decimals: 0 },
    { what: 'hand-off, bare loop', value: bareLoop, unit: 'frames/s', decimals: 0 },
    { what: 'hand-off, BullMQ', value: bullmq, unit: 'jobs/s', decimals: 0 },
    { what: 'of the bare loop', value: ratioToBareLoop, unit: 'x', decimals: 2, target: { atLeast: 0.5 } },
    { what: 'of BullMQ', value: ratioToBullmq, unit: 'x', decimals: 2, target: { atLeast: 4 } },
  ],
  telemetry: ({ cpu, ...rate }) => [
    costRow('telemetry, of the CPU time', cpu),
    costRow('telemetry, of the rate', rate),
  ],
  routing: (figures) =>
    (['50', '1000'] as const).map((processors) => ({
      what: `decision, ${processors} processors`,
      value: figures[processors].meanNs,
      unit: 'ns',
      decimals: 0,
      target: { below: 2000 },
    })),
  breaker: ({ acquireNs }) => [
    {
      what: 'breaker, acquire and settle',
      value: acquireNs,
      unit: 'ns',
      decimals: 0,
      target: { below: 100 },
    },
  ],
  priorityQueue: ({ pushPopNs }) => [
    { what: 'waiting room, push and pop', value: pushPopNs, unit: 'ns', decimals: 0, target: { below: 200 } },
  ],
  latency: ({ fps, p50Ms, p99Ms }) => [
    { what: `latency p50 at ${fps} frames/s`, value: p50Ms, unit: 'ms', decimals: 2, target: { below: 3 } },
    { what: `latency p99 at ${fps} frames/s`, value: p99Ms, unit: 'ms', decimals: 2, target: { below: 25 } },
  ],
};

/** Of pairs, half lie between low and high. */
function costRow(what: string, { costRatio, lowRatio, highRatio }: PairedCost): Row {
  const percent = (ratio: number): string => (ratio * 100).toFixed(1);
  const note = `half of the pairs: ${percent(lowRatio)} to ${percent(highRatio)} %`;
  return { what, value: costRatio * 100, unit: '%', decimals: 1, target: { below: 10 }, note };
}

/** In the order in which they stand in the report. */
const rowsOf = (report: Partial<BenchReport>): Row[] =>
  (Object.keys(report) as (keyof BenchReport)[]).flatMap((part) =>
    (ROWS[part] as (figures: unknown) => readonly Row[])(report[part]),
  );

/** The report as a table for people. */
export function tableOf(report: Partial<BenchReport>): string {
  return rowsOf(report)
    .map(({ what, value, unit, decimals, target, note = '' }) => {
      const figure = `${what.padEnd(32)}${value.toFixed(decimals).padStart(10)} ${unit.padEnd(9)}`;
      return `${figure}${verdict(value, target).padEnd(24)}${note}`.trimEnd();
    })
    .join('\n');
}

function verdict(value: number, target: Row['target']): string {
  if (!target) return '';
  const [reached, words] =
    'atLeast' in target
      ? [value >= target.atLeast, `at least ${target.atLeast}`]
      : [value < target.below, `below ${target.below}`];
  return `${reached ? 'reached' : 'MISSED '}  ${words}`;
}

/** The report as one line: whole rates and ns, three digits after the point elsewhere. */
export function jsonOf(report: Partial<BenchReport>): string {
  return JSON.stringify(report, (key, value: unknown) => {
    if (typeof value !== 'number') return value;
    const places = /ratio/i.test(key) || key.endsWith('Ms') ? 3 : 0;
    return Number(value.toFixed(places));
  });
}
