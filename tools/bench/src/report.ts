import type { HandOffReport, TelemetryReport } from './hand-off/hand-off-bench.ts';
import type { LatencyReport } from './latency/latency-bench.ts';
import type { BreakerReport } from './micro/breaker-bench.ts';
import type { PriorityQueueReport } from './micro/priority-queue-bench.ts';
import type { RoutingReport } from './routing/routing-bench.ts';

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
}

function rowsOf({ handoff, telemetry, routing, breaker, priorityQueue, latency }: BenchReport): Row[] {
  return [
    { what: 'hand-off, one orchestrator', value: handoff.framesPerSecond, unit: 'frames/s', decimals: 0 },
    { what: 'hand-off, bare loop', value: handoff.bareLoop, unit: 'frames/s', decimals: 0 },
    { what: 'hand-off, BullMQ', value: handoff.bullmq, unit: 'jobs/s', decimals: 0 },
    {
      what: 'of the bare loop',
      value: handoff.ratioToBareLoop,
      unit: 'x',
      decimals: 2,
      target: { atLeast: 0.5 },
    },
    { what: 'of BullMQ', value: handoff.ratioToBullmq, unit: 'x', decimals: 2, target: { atLeast: 4 } },
    {
      what: 'metrics and 1 % traces cost',
      value: telemetry.costRatio * 100,
      unit: '%',
      decimals: 1,
      target: { below: 10 },
    },
    {
      what: 'decision, 50 processors',
      value: routing['50'].meanNs,
      unit: 'ns',
      decimals: 0,
      target: { below: 2000 },
    },
    {
      what: 'decision, 1000 processors',
      value: routing['1000'].meanNs,
      unit: 'ns',
      decimals: 0,
      target: { below: 2000 },
    },
    {
      what: 'breaker, acquire and succeed',
      value: breaker.acquireNs,
      unit: 'ns',
      decimals: 0,
      target: { below: 100 },
    },
    {
      what: 'waiting room, push and pop',
      value: priorityQueue.pushPopNs,
      unit: 'ns',
      decimals: 0,
      target: { below: 200 },
    },
    {
      what: `latency p50 at ${latency.fps} frames/s`,
      value: latency.p50Ms,
      unit: 'ms',
      decimals: 2,
      target: { below: 3 },
    },
    {
      what: `latency p99 at ${latency.fps} frames/s`,
      value: latency.p99Ms,
      unit: 'ms',
      decimals: 2,
      target: { below: 25 },
    },
  ];
}

/** The report as a table for people. */
export function tableOf(report: BenchReport): string {
  return rowsOf(report)
    .map(({ what, value, unit, decimals, target }) =>
      `${what.padEnd(32)}${value.toFixed(decimals).padStart(10)} ${unit.padEnd(9)}${verdict(value, target)}`.trimEnd(),
    )
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
export function jsonOf(report: BenchReport): string {
  return JSON.stringify(report, (key, value: unknown) => {
    if (typeof value !== 'number') return value;
    const places = /ratio/i.test(key) || key.endsWith('Ms') ? 3 : 0;
    return Number(value.toFixed(places));
  });
}
