import type { Frame } from '@frame-buffer/models';
import { createPriorityQueue, type Place, type PriorityQueue, type Router } from '@frame-buffer/router';
import type { SourceEntry } from '@frame-buffer/stream-consumer';
import type { JourneyTrace } from '@frame-buffer/telemetry';
import { ANY_PROCESSOR } from './any-processor.ts';
import { lineName, splitLineName } from './line-name.ts';
import { frameTakers, type FrameTakers, kindOf } from './frame-takers.ts';

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
  /** A frame that can't go where others can stands aside, in a lane of those that the same processors accept. */
  readonly queue: PriorityQueue<HeldFrame>;
  /** Who accepts the frames of each lane. */
  readonly takers: Map<string, FrameTakers>;
  /** Who accepts each kind of frames that was asked about since the processors changed. */
  readonly kinds: Map<string, FrameTakers>;
}

/** Frames of one pool that wait here. */
export interface WaitingSummary {
  readonly capability: string;
  readonly frames: number;
  readonly oldestSeconds: number;
  readonly byClass: readonly (readonly [priority: string, frames: number])[];
  /** Of these, those that can't go where others could. */
  readonly aside: number;
}

/**
 * Frames read but without a processor with credit: one queue for each set of capabilities, so that none holds up another. A line has
 * places of its own: a pool without its lanes, or a lane; so that frames that can't go don't take the places of those that can.
 */
export interface WaitingRoom {
  add(held: HeldFrame): void;
  /** The pool that a frame waits in, made where there is none. */
  poolOf(held: HeldFrame): Pool;
  get(name: string): Pool | undefined;
  /** How many lines there are; some may have run empty just now. */
  count(): number;
  /** Names of the lines. */
  names(): Iterable<string>;
  /** Frames in one line. */
  sizeOf(line: string): number;
  /** The lane that it would stand in, if it could not go now. */
  laneOf(held: HeldFrame): string;
  /** Whether it would stand in a lane that is closed: then nobody need decide about it. */
  isHeldUp(held: HeldFrame, pool: Pool): boolean;
  /** Whether a processor for each of its needs accepts it and has credit. */
  canGo(held: HeldFrame): boolean;
  /** Lets others pass one that was just taken and can't go. @param hasPlaces whether its lane is a line of its own */
  setAside(pool: Pool, place: Place<HeldFrame>, hasPlaces: boolean): void;
  /** Those set aside come up again where processors that accept them have credit. To be called before each turn of the pool. */
  openLanes(pool: Pool): void;
  /** The processors have changed: whoever was set aside stands in line again. */
  rejoin(): void;
  /** Takes out those that wait beyond so many, the last of each class first to go. */
  cut(line: string, places: number): HeldFrame[];
  /** Puts a frame that was taken out and could not be handed off back, ahead of those that came later. */
  putBack(held: HeldFrame): void;
  /** Those with frames in them; each call begins with another one, so that all get their turn. */
  pools(): Pool[];
  size(): number;
  summary(nowMs: number): WaitingSummary[];
}

/** More kinds than one system has of cameras, sizes and formats that are set aside. */
const MAX_KINDS = 10_000;

export function createWaitingRoom(router: Pick<Router, 'takers'>): WaitingRoom {
  const pools = new Map<string, Pool>();
  /** Pools with lanes that have places of their own. */
  const split = new Set<Pool>();
  let turn = 0;

  function poolOf({ wanted }: HeldFrame): Pool {
    const name = wanted.length === 1 ? (wanted[0] ?? ANY_PROCESSOR) : wanted.toSorted().join('+');
    let pool = pools.get(name);
    if (!pool) {
      pool = { name, wanted, queue: createPriorityQueue(), takers: new Map(), kinds: new Map() };
      pools.set(name, pool);
    }
    return pool;
  }

  function takersOf(held: HeldFrame, { kinds }: Pool): FrameTakers {
    const kind = kindOf(held);
    let takers = kinds.get(kind);
    if (!takers) {
      if (kinds.size >= MAX_KINDS) kinds.clear();
      kinds.set(kind, (takers = frameTakers(held, router)));
    }
    return takers;
  }

  return {
    add: (held) => poolOf(held).queue.push(held, held.frame.priority, held.readAtMs),
    poolOf,
    get: (name) => pools.get(name),
    *names() {
      yield* pools.keys();
      for (const { name, queue } of split) for (const lane of queue.lanes()) yield lineName(name, lane);
    },
    count() {
      let count = pools.size;
      for (const { queue } of split) count += queue.laneCount();
      return count;
    },
    sizeOf(line) {
      const { pool, lane } = splitLineName(line);
      return pools.get(pool)?.queue.sizeOf(lane) ?? 0;
    },
    laneOf: (held) => takersOf(held, poolOf(held)).key,
    canGo: (held) => takersOf(held, poolOf(held)).haveCredit(),
    isHeldUp: (held, pool) => pool.takers.size > 0 && pool.queue.isClosed(takersOf(held, pool).key),
    setAside(pool, place, hasPlaces) {
      const takers = takersOf(place.item, pool);
      pool.takers.set(takers.key, takers);
      pool.queue.setAside(place, takers.key);
      if (hasPlaces) split.add(pool);
    },
    openLanes({ queue, takers }) {
      if (takers.size === 0) return;
      for (const [lane, its] of takers) {
        if (queue.sizeOf(lane) === 0) takers.delete(lane);
        else if (its.haveCredit()) queue.open(lane);
      }
    },
    rejoin() {
      for (const { queue, takers, kinds } of pools.values()) {
        queue.rejoin();
        takers.clear();
        kinds.clear();
      }
      split.clear();
    },
    cut(line, places) {
      const { pool, lane } = splitLineName(line);
      const queue = pools.get(pool)?.queue;
      if (!queue) return [];
      const beyond = [...queue.inLane(lane)].slice(places);
      for (const place of beyond) queue.remove(place);
      return beyond.map(({ item }) => item);
    },
    putBack: (held) => poolOf(held).queue.putBack(held, held.frame.priority, held.readAtMs, held.deadlineMs),
    pools() {
      // A pool that has run empty goes, so that capabilities somebody made up don't pile up.
      for (const [name, { queue }] of pools) if (queue.size === 0) pools.delete(name);
      for (const pool of split) if (pool.queue.laneCount() === 0) split.delete(pool);
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
        aside: queue.size - queue.sizeOf(),
      })),
  };
}
