import type { KeyNames } from '@frame-buffer/models';
import { type ScriptClient, type Source, takeUp } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import type { Fleet } from './fleet.ts';
import { retrying } from './intake.ts';
import { judge, type JudgementOptions } from './judgement.ts';
import { createParked, type Parked, type ParkedEntry } from './parked.ts';
import type { Shed, Shedding } from './shedding.ts';
import { lineName, splitLineName } from './line-name.ts';
import type { HeldFrame, Pool, WaitingRoom, WaitingSummary } from './waiting-room.ts';

/** The ids of the entries of each stream that this orchestrator holds in memory. */
export type Held = Readonly<Record<Source, Set<string>>>;

export interface SeatingLimits {
  /** Frames held in memory. */
  readonly maxWaiting: number;
  /** Of these, at most for one capability where there are several; what comes beyond its share follows its policy. */
  readonly maxWaitingPerCapability: number;
  /** Frames left pending in Redis beyond that (`block`), of which only the ids are kept. */
  readonly maxParked: number;
}

export interface SeatingOptions extends SeatingLimits, JudgementOptions {
  readonly client: ScriptClient;
  readonly keys: KeyNames;
  readonly group: string;
  readonly room: WaitingRoom;
  readonly held: Held;
  readonly fleet: Pick<Fleet, 'capabilities' | 'creditsOf'>;
  readonly shedding: Shedding;
  /** Frames that were parked have a place again. */
  readonly onSeated: () => void;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Who waits in memory: every capability has its share of the places, so that none takes those of the others. */
export interface Seating {
  /** Frames that may still be read. */
  placesToRead(): number;
  /** Gives a frame a place in its pool. Where there is none it is parked, or a frame is given up, by the policy of its capability. */
  seat(frame: HeldFrame, givenUp: Shed[]): void;
  /** Reads parked frames again where their line has places. */
  seatParked(): void;
  /** Pools that took more places before there were others keep their share. @returns those of the rest that are given up */
  makePlaces(): Shed[];
  /** The processors have changed: who stood in a lane stands with the others of its pool. */
  rejoin(): void;
  /** Who waits in memory and, parked, in Redis. */
  waiting(): WaitingSummary[];
  readonly parked: Pick<Parked, 'has' | 'size' | 'of' | 'ids' | 'drop'>;
}

/** Frames read again at once. */
const BATCH = 512;

export function createSeating(options: SeatingOptions): Seating {
  const { room, held, fleet, shedding, maxWaiting, maxWaitingPerCapability, signal } = options;
  const parked = createParked();
  /** Lines whose parked frames are being read again. */
  const takingUp = new Set<string>();

  /** Frames that may wait in one line of a pool: all places where there is only one. One that sheds must see what comes, so it never has all. */
  function placesOf(pool: Pool): number {
    return shedding.policyOf(pool).blocks && isAlone(pool.name) ? maxWaiting : share();
  }

  /** Whether no other capability is served, and no other line waits. */
  function isAlone(name: string): boolean {
    const served = fleet.capabilities();
    return served.size === Number(served.has(name)) && room.count() === (room.get(name) ? 1 : 0);
  }

  /** The same for every line that waits and for one more: however many stand still, the next one finds places. */
  const share = (): number =>
    Math.max(1, Math.min(maxWaitingPerCapability, Math.floor(maxWaiting / (room.count() + 1))));

  const isParked = (line: string): boolean => parked.size(line) > 0 || takingUp.has(line);

  /** The lane of those that can't go now, where there is one and it is this frame's; otherwise the pool. */
  function lineOf(frame: HeldFrame, { name, queue }: Pool): string {
    if (queue.laneCount() === 0 && (parked.size() === 0 || !parked.hasLanes(name))) return name;
    const lane = lineName(name, room.laneOf(frame));
    return isParked(lane) || room.sizeOf(lane) > 0 ? lane : name;
  }

  const isFull = (line: string, pool: Pool): boolean => room.sizeOf(line) >= placesOf(pool);

  async function readAgain(line: string, entries: readonly ParkedEntry[]): Promise<void> {
    for (const source of ['retry', 'input'] as const) {
      const ids = entries.filter((entry) => entry.source === source).map(({ id }) => id);
      await retrying('read parked frames again', () => takeUpAgain(line, source, ids), options);
    }
  }

  async function takeUpAgain(line: string, source: Source, ids: readonly string[]): Promise<void> {
    const taken = await takeUp(options.client, source, ids, options);
    for (const id of taken.lost) held[source].delete(id);
    if (taken.lost.length > 0)
      options.logger.error(`${taken.lost.length} pending frames had been deleted: lost`);
    const nowMs = performance.now();
    for (const entry of taken.entries) {
      const judgement = judge(entry, nowMs, options);
      // Whoever was sound when it was parked is sound now.
      if (judgement.kind !== 'frame') continue;
      const frame = judgement.held;
      const pool = room.poolOf(frame);
      const its = lineOf(frame, pool);
      // A lane began while it was parked among all of its pool.
      if (its !== line && (isParked(its) || isFull(its, pool))) park(its, frame);
      else room.add(frame);
    }
  }

  function park(line: string, { entry: { source, id } }: HeldFrame): void {
    held[source].delete(id);
    parked.add(line, { source, id });
  }

  function cut(line: string, places: number): void {
    const beyond = room.cut(line, places);
    for (const { entry, trace } of beyond) {
      held[entry.source].delete(entry.id);
      // It begins anew when the frame is read again; spans of refused hand-offs must not be left without their parent.
      trace.end();
    }
    if (beyond.length === 0) return;
    parked.addFirst(
      line,
      beyond.map(({ entry: { source, id } }) => ({ source, id })),
    );
  }

  return {
    // Reading goes on as long as any capability that is served has a place: a full one must not hold up the others. Its own frames
    // are parked meanwhile.
    placesToRead() {
      const free = maxWaiting - held.input.size - held.retry.size;
      if (free <= 0) return 0;
      const names = [...new Set([...fleet.capabilities(), ...room.names(), ...parked.lines()])];
      const full = names.filter((line) => {
        const pool = room.get(splitLineName(line).pool);
        return (pool && shedding.policyOf(pool).blocks && isFull(line, pool)) || parked.size(line) > 0;
      });
      if (full.length === 0) return free;
      return full.length === names.length ? 0 : Math.min(free, options.maxParked - parked.size());
    },
    seat(frame, givenUp) {
      const pool = room.poolOf(frame);
      if (!shedding.policyOf(pool).blocks) {
        const canGo = pool.queue.laneCount() === 0 || room.canGo(frame);
        const credits = canGo ? fleet.creditsOf(frame.wanted) : 0;
        const given = shedding.arrive(frame, pool, placesOf(pool), credits);
        if (given) givenUp.push(given);
        return;
      }
      // Those that were parked go first.
      if (isParked(pool.name)) return park(pool.name, frame);
      const line = lineOf(frame, pool);
      if (isParked(line) || isFull(line, pool)) return park(line, frame);
      room.add(frame);
    },
    seatParked() {
      if (parked.size() === 0 || signal.aborted) return;
      for (const line of parked.lines()) {
        const pool = room.get(splitLineName(line).pool);
        const places = pool ? placesOf(pool) : share();
        const free = places - room.sizeOf(line);
        if (takingUp.has(line) || free < places / 2) continue;
        const entries = parked.take(line, Math.min(free, BATCH));
        for (const { source, id } of entries) held[source].add(id);
        takingUp.add(line);
        void readAgain(line, entries).finally(() => {
          takingUp.delete(line);
          options.onSeated();
        });
      }
    },
    makePlaces() {
      const givenUp: Shed[] = [];
      if (held.input.size + held.retry.size < maxWaiting) return givenUp;
      for (const pool of room.pools()) {
        const places = placesOf(pool);
        if (pool.queue.size <= places) continue;
        if (!shedding.policyOf(pool).blocks) {
          givenUp.push(...shedding.cut(pool, places));
          continue;
        }
        const lanes = Array.from(pool.queue.lanes(), (lane) => lineName(pool.name, lane));
        for (const line of [pool.name, ...lanes]) cut(line, places);
      }
      return givenUp;
    },
    rejoin: parked.rejoin,
    waiting() {
      const all = new Map(room.summary(performance.now()).map((summary) => [summary.capability, summary]));
      for (const line of parked.lines()) {
        const { pool: capability, lane } = splitLineName(line);
        const { frames = 0, oldestSeconds = 0, byClass = [], aside = 0 } = all.get(capability) ?? {};
        all.set(capability, {
          capability,
          frames: frames + parked.size(line),
          oldestSeconds: Math.max(oldestSeconds, ageSeconds(parked.first(line))),
          byClass,
          aside: aside + (lane === undefined ? 0 : parked.size(line)),
        });
      }
      return [...all.values()];
    },
    parked,
  };
}

/** Of an entry, by its id: a frame that was parked has waited since it came into its stream. */
const ageSeconds = (id: string | undefined): number =>
  id === undefined ? 0 : (Date.now() - Number.parseInt(id, 10)) / 1000;
