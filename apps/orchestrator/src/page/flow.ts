import type { BooksReading } from '@frame-buffer/stream-consumer';
import { lossesOf } from '../losses.ts';
import type { Flow } from './live-state.ts';

/** The running totals that the flow is made from. */
export const FLOW_COUNTERS = ['in', 'routed', 'done', 'dead', 'shed', 'lost'] as const;
export type FlowCounter = (typeof FLOW_COUNTERS)[number];

export function flowTotals({ books, ledger }: BooksReading): Record<FlowCounter, number> {
  return {
    in: books.captured,
    routed: ledger['handed_off'] ?? 0,
    done: books.completed,
    dead: ledger['dead_lettered'] ?? 0,
    shed: books.shed,
    lost: books.lostUpstream,
  };
}

/** Totals by reason, of what there was any. */
export function flowReasons({ ledger }: BooksReading): Pick<Flow, 'shedByReason' | 'lostByReason'> {
  const shed = Object.entries(ledger)
    .filter(([field, frames]) => field.startsWith(SHED) && frames > 0)
    .map(([field, frames]) => [field.slice(SHED.length), frames] as const);
  return {
    shedByReason: Object.fromEntries(shed),
    lostByReason: Object.fromEntries([...lossesOf(ledger)].filter(([, frames]) => frames > 0)),
  };
}

const SHED = 'shed:';

/** One second of the chart: time, in, done, and what went another way (dead letters, shed, lost), per second. */
export type FlowPoint = readonly [
  atMs: number,
  in_: number | null,
  done: number | null,
  other: number | null,
];

/** The last minutes, for those who open the page now. */
export interface FlowHistory {
  add(atMs: number, flow: Flow): void;
  points(): readonly FlowPoint[];
}

const KEPT = 300;

export function createFlowHistory(): FlowHistory {
  const points: FlowPoint[] = [];
  return {
    add(atMs, { in: into, done, dead, shed, lost }) {
      const other = dead === null ? null : dead + (shed ?? 0) + (lost ?? 0);
      points.push([atMs, into, done, other]);
      if (points.length > KEPT) points.shift();
    },
    points: () => points,
  };
}
