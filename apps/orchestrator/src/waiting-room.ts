import type { Frame } from '@frame-buffer/models';
import { createPriorityQueue, type PriorityQueue } from '@frame-buffer/router';
import type { SourceEntry } from '@frame-buffer/stream-consumer';
import type { JourneyTrace } from '@frame-buffer/telemetry';
import { ANY_PROCESSOR } from './any-processor.ts';

/** A frame that was read and is ours until it is handed off or settled. */
export interface HeldFrame {
  readonly entry: SourceEntry;
  readonly frame: Frame;
  /** What it needs; one entry, undefined, where any processor may take it. */
  readonly wanted: readonly (string | undefined)[];
  /** The processor that failed it last. */
  readonly avoid: string | undefined;
  /** ms of the monotonic clock. */
  readonly readAtMs: number;
  /** When it is of no more use, ms of the monotonic clock; set where its capability has deadlines. */
  deadlineMs?: number;
  readonly trace: JourneyTrace;
}

/** Frames that wait for the same capabilities, in the order of their priorities. */
export interface Pool {
  /** The capabilities joined by `+`; `ANY_PROCESSOR` where any may take them. */
  readonly name: string;
  readonly wanted: readonly (string | undefined)[];
  readonly queue: PriorityQueue<HeldFrame>;
}

/** Frames of one pool that wait here. */
export interface WaitingSummary {
  readonly capability: string;
  readonly frames: number;
  readonly oldestSeconds: number;
  readonly byClass: readonly (readonly [priority: string, frames: number])[];
}

/** Frames read but without a processor with credit: one queue for each set of capabilities, so that none holds up another. */
export interface WaitingRoom {
  add(held: HeldFrame): void;
  /** The pool that a frame waits in, made where there is none. */
  poolOf(held: HeldFrame): Pool;
  get(name: string): Pool | undefined;
  /** How many pools there are; some may have run empty just now. */
  count(): number;
  /** Names of the pools. */
  names(): Iterable<string>;
  /** Takes out those that wait beyond so many, the last of each class first to go. */
  cut(pool: Pool, places: number): HeldFrame[];
  /** Puts a frame that was taken out and could not be handed off back, ahead of those that came later. */
  putBack(held: HeldFrame): void;
  /** Those with frames in them; each call begins with another one, so that all get their turn. */
  pools(): Pool[];
  size(): number;
  summary(nowMs: number): WaitingSummary[];
}

export function createWaitingRoom(): WaitingRoom {
  const pools = new Map<string, Pool>();
  let turn = 0;

  function poolOf({ wanted }: HeldFrame): Pool {
    const name = wanted.length === 1 ? (wanted[0] ?? ANY_PROCESSOR) : wanted.toSorted().join('+');
    let pool = pools.get(name);
    if (!pool) pools.set(name, (pool = { name, wanted, queue: createPriorityQueue() }));
    return pool;
  }

  return {
    add: (held) => poolOf(held).queue.push(held, held.frame.priority, held.readAtMs),
    poolOf,
    get: (name) => pools.get(name),
    names: () => pools.keys(),
    count: () => pools.size,
    cut({ queue }, places) {
      let kept = 0;
      const beyond = [...queue].filter(() => ++kept > places);
      for (const place of beyond) queue.remove(place);
      return beyond.map(({ item }) => item);
    },
    putBack: (held) => poolOf(held).queue.putBack(held, held.frame.priority, held.readAtMs, held.deadlineMs),
    pools() {
      // A pool that has run empty goes, so that capabilities somebody made up don't pile up.
      for (const [name, { queue }] of pools) if (queue.size === 0) pools.delete(name);
      const all = [...pools.values()];
      const start = all.length > 0 ? turn++ % all.length : 0;
      return [...all.slice(start), ...all.slice(0, start)];
    },
    size() {
      let size = 0;
      for (const { queue } of pools.values()) size += queue.size;
      return size;
    },
    summary: (nowMs) =>
      [...pools.values()].map(({ name, queue }) => ({
        capability: name,
        frames: queue.size,
        oldestSeconds: (nowMs - (queue.oldestSinceMs() ?? nowMs)) / 1000,
        byClass: queue.sizes(),
      })),
  };
}
