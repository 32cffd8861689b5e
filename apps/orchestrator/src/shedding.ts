import {
  createSheddingPolicy,
  type ShedReason,
  type SheddingPolicy,
  type SheddingPolicyName,
  type WaitingFrame,
  type WaitingRoomView,
} from '@frame-buffer/backpressure';
import type { Place } from '@frame-buffer/router';
import type { SettledFrame } from '@frame-buffer/stream-consumer';
import type { HeldFrame, Pool } from './waiting-room.ts';

/** Which policy each capability has. */
export interface SheddingConfig {
  /** Of capabilities that aren't named. */
  readonly otherwise: SheddingPolicyName;
  readonly byCapability: ReadonlyMap<string, SheddingPolicyName>;
  /** Of frames under `deadline`: so long after they were published. */
  readonly maxAgeMs: number;
}

/** Decides which frames are given up; it changes the queues of pools, and says what is to be settled. */
export interface Shedding {
  policyOf(pool: Pool): SheddingPolicy;
  /**
   * Puts a frame into its pool's queue, or gives it or another one up.
   * @param places frames that may wait there @param credits frames that its processors would take at once
   */
  arrive(held: HeldFrame, pool: Pool, places: number, credits: number): Shed | undefined;
  /** Whether a frame that is about to be handed off is of no more use. */
  isLate(held: HeldFrame, pool: Pool): Shed | undefined;
  /** Gives up those whose deadline is over, wherever they stand. To be called after each turn of a pool that doesn't block. */
  takeLate(pool: Pool): Shed[];
  /** Gives up the frames beyond so many, the oldest of the lowest priority first. */
  cut(pool: Pool, places: number): Shed[];
  /** Of pools that shed, by name: what came and was given up since this was asked last. */
  takeCounts(): ReadonlyMap<string, ShedCount>;
}

export interface ShedCount {
  arrived: number;
  shed: number;
}

export interface Shed extends SettledFrame<ShedReason> {
  readonly held: HeldFrame;
}

interface Waiting extends WaitingFrame {
  readonly held: HeldFrame;
  readonly place: Place<HeldFrame> | undefined;
}

const SENTENCES: Record<ShedReason, string> = {
  room_full: 'there was no place left to wait',
  superseded: 'a newer frame of its camera came',
  deadline: 'its result would have come too late',
  sampled: 'it was among those that are left out under load',
};

export function createShedding(config: SheddingConfig, clock: () => number = Date.now): Shedding {
  const policies = new Map<SheddingPolicyName, SheddingPolicy>();
  /** Of each pool under `latest_per_camera`: where the frame of a camera and priority waits, or waited. */
  const latest = new WeakMap<Pool, Map<string, Place<HeldFrame>>>();

  function named(name: SheddingPolicyName): SheddingPolicy {
    let policy = policies.get(name);
    if (!policy) policies.set(name, (policy = createSheddingPolicy(name, { maxAgeMs: config.maxAgeMs })));
    return policy;
  }

  const ofPool = new WeakMap<Pool, SheddingPolicy>();
  function policyOf(pool: Pool): SheddingPolicy {
    let policy = ofPool.get(pool);
    if (!policy) ofPool.set(pool, (policy = policyFor(pool)));
    return policy;
  }

  function policyFor({ wanted }: Pool): SheddingPolicy {
    const names = wanted.map((capability) => config.byCapability.get(capability ?? '') ?? config.otherwise);
    // A frame for several capabilities is given up only where every one of them would.
    return named(names.includes('block') ? 'block' : (names[0] ?? 'block'));
  }

  const waitingOf = (held: HeldFrame, place?: Place<HeldFrame>): Waiting => ({
    cameraId: held.frame.cameraId,
    priority: held.frame.priority,
    arrivedAtMs: publishedAtMs(held),
    held,
    place,
  });
  let counts = new Map<string, ShedCount>();
  function countOf({ name }: Pool): ShedCount {
    let count = counts.get(name);
    if (!count) counts.set(name, (count = { arrived: 0, shed: 0 }));
    return count;
  }

  /** By the clock of the queues, which doesn't step. */
  const deadlineOf = (held: HeldFrame): number =>
    performance.now() + publishedAtMs(held) + config.maxAgeMs - clock();
  const keyOf = (cameraId: string, priority: number): string => `${priority} ${cameraId}`;
  function shed(pool: Pool, held: HeldFrame, reason: ShedReason): Shed {
    countOf(pool).shed++;
    return { held, entry: held.entry, reason, detail: SENTENCES[reason] };
  }

  return {
    policyOf,
    arrive(held, pool, places, credits) {
      const { queue } = pool;
      const policy = policyOf(pool);
      countOf(pool).arrived++;
      const { cameraId, priority } = held.frame;
      let cameras = latest.get(pool);
      if (!cameras) latest.set(pool, (cameras = new Map()));
      const known = cameras;
      const push = (): void => {
        if (policy.name === 'deadline') held.deadlineMs = deadlineOf(held);
        const place = queue.push(held, priority, held.readAtMs, held.deadlineMs);
        if (place && policy.name === 'latest_per_camera') known.set(keyOf(cameraId, priority), place);
      };
      const waiting = queue.size - credits;
      // What goes at once doesn't wait.
      if (waiting < 0) return void push();
      const view: WaitingRoomView<Waiting> = {
        fill: waiting / places,
        nextToDrop() {
          const place = queue.lowest();
          return place && waitingOf(place.item, place);
        },
        waitingOf(camera, itsPriority) {
          const place = known.get(keyOf(camera, itsPriority));
          return place && queue.has(place) ? waitingOf(place.item, place) : undefined;
        },
        expectedWaitMs: () => Number.NaN,
        expectedServiceMs: Number.NaN,
      };
      const decision = policy.onArrival(waitingOf(held), view, clock());
      switch (decision.action) {
        case 'shed':
          return shed(pool, held, decision.reason);
        case 'replace': {
          const { victim, place, reason } = decision;
          if (place === 'victim' && victim.place) {
            queue.replace(victim.place, held);
          } else {
            if (victim.place) queue.remove(victim.place);
            push();
          }
          return shed(pool, victim.held, reason);
        }
        case 'admit':
        case 'block':
          return void push();
      }
    },
    isLate(held, pool) {
      const policy = policyOf(pool);
      if (policy.blocks) return undefined;
      const view = {
        fill: 0,
        nextToDrop: none,
        waitingOf: none,
        expectedWaitMs: () => 0,
        expectedServiceMs: 0,
      };
      const decision = policy.onDispatch(waitingOf(held), view, clock());
      return decision.action === 'shed' ? shed(pool, held, decision.reason) : undefined;
    },
    takeLate(pool) {
      const late: Shed[] = [];
      for (let held = pool.queue.takeExpired(); held; held = pool.queue.takeExpired())
        late.push(shed(pool, held, 'deadline'));
      return late;
    },
    cut(pool, places) {
      const beyond: Shed[] = [];
      while (pool.queue.size > places) {
        const place = pool.queue.lowest();
        if (!place || !pool.queue.remove(place)) break;
        beyond.push(shed(pool, place.item, 'room_full'));
      }
      return beyond;
    },
    takeCounts() {
      const taken = counts;
      counts = new Map();
      return taken;
    },
  };
}

const none = (): undefined => undefined;

/** The id of an entry of the input says when it came; one that comes back keeps the time of its picture. */
function publishedAtMs({ entry, frame }: HeldFrame): number {
  if (entry.source === 'retry' && frame.capturedAtMs !== undefined) return frame.capturedAtMs;
  return Number.parseInt(entry.id, 10);
}
