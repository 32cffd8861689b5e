import type { FlatRecord } from '@frame-buffer/models';
import type { FramePlan } from '../plan/frame-plan.ts';
import { latencyHistogram, type LatencyHistogram } from './latency-histogram.ts';

/** What became of the frames of one run, counted from what lies in the streams. */
export interface Tally {
  /** @param atMs when it was seen, ms of the monotonic clock */
  result(record: FlatRecord, atMs: number): void;
  shed(record: FlatRecord): void;
  deadLetter(record: FlatRecord): void;
  readonly counts: TallyCounts;
  /** From the moment a frame was due until its result was seen. */
  readonly latency: LatencyHistogram;
  /** The same over what came since it was reset. */
  readonly recent: LatencyHistogram;
  /** The latency without the processor's own time: how old a frame was when work on it began, and its result's way back. */
  readonly ageAtStart: LatencyHistogram;
  /** The latency of frames that were due in the steady state. */
  readonly steady: LatencyHistogram;
  /** The processor's own time. */
  readonly service: LatencyHistogram;
  readonly byCapability: ReadonlyMap<string, LatencyHistogram>;
  readonly byPriority: ReadonlyMap<string, LatencyHistogram>;
}

export interface TallyCounts {
  readonly results: number;
  /** Results beyond the first for one frame and capability. */
  readonly duplicates: number;
  readonly shed: Readonly<Record<string, number>>;
  readonly deadLettered: Readonly<Record<string, number>>;
}

export interface TallyOptions {
  readonly plan: Pick<FramePlan, 'numberOf' | 'priorityOf'>;
  /** ms of the monotonic clock. */
  readonly dueMs: (number: number) => number;
  /** When the steady state begins, of the same clock. */
  readonly steadyFromMs: number;
}

export function createTally({ plan, dueMs, steadyFromMs }: TallyOptions): Tally {
  const latency = latencyHistogram();
  const recent = latencyHistogram();
  const ageAtStart = latencyHistogram();
  const steady = latencyHistogram();
  const service = latencyHistogram();
  const byCapability = new Map<string, LatencyHistogram>();
  const byPriority = new Map<string, LatencyHistogram>();
  const seen = new Map<string, Set<number>>();
  const shed: Record<string, number> = {};
  const deadLettered: Record<string, number> = {};
  let results = 0;
  let duplicates = 0;

  const numberIn = (record: FlatRecord): number | undefined => plan.numberOf(record['frame_id'] ?? '');

  return {
    result(record, atMs) {
      const number = numberIn(record);
      if (number === undefined) return;
      const capability = record['capability'] ?? 'any';
      const known = atOf(seen, capability, () => new Set<number>());
      if (known.has(number)) {
        duplicates++;
        return;
      }
      known.add(number);
      results++;
      const ms = atMs - dueMs(number);
      latency.record(ms);
      recent.record(ms);
      if (dueMs(number) >= steadyFromMs) steady.record(ms);
      atOf(byCapability, capability, latencyHistogram).record(ms);
      atOf(byPriority, plan.priorityOf(number), latencyHistogram).record(ms);
      const workMs = Number(record['processing_time']) * 1000;
      if (!Number.isFinite(workMs)) return;
      ageAtStart.record(Math.max(0, ms - workMs));
      service.record(workMs);
    },
    shed: (record) => void (numberIn(record) !== undefined && countUp(shed, record['shed_reason'])),
    deadLetter: (record) =>
      void (numberIn(record) !== undefined && countUp(deadLettered, record['dead_letter_reason'])),
    get counts() {
      return { results, duplicates, shed: { ...shed }, deadLettered: { ...deadLettered } };
    },
    latency,
    recent,
    ageAtStart,
    steady,
    service,
    byCapability,
    byPriority,
  };
}

function atOf<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function countUp(counts: Record<string, number>, reason = 'unknown'): void {
  counts[reason] = (counts[reason] ?? 0) + 1;
}
