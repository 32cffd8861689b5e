import type { ShedCount } from './shedding.ts';

/** Of the frames that came lately for each pool, the share that was given up. */
export interface ShedShare {
  /** Adds what was counted since the last time; to be called at regular intervals. */
  add(counts: ReadonlyMap<string, ShedCount>): void;
  /** 0 to 1, of pools that shed. */
  shares(): Iterable<readonly [pool: string, share: number]>;
}

/** So many more arrivals are assumed, none of them given up: one frame of two is no share yet. */
const ASSUMED = 5;

/** @param intervals that count as lately */
export function createShedShare(intervals: number): ShedShare {
  const recent: ReadonlyMap<string, ShedCount>[] = [];
  return {
    add(counts) {
      recent.push(counts);
      if (recent.length > intervals) recent.shift();
    },
    *shares() {
      const sums = new Map<string, ShedCount>();
      for (const counts of recent) {
        for (const [pool, { arrived, shed }] of counts) {
          const sum = sums.get(pool) ?? { arrived: 0, shed: 0 };
          sums.set(pool, { arrived: sum.arrived + arrived, shed: sum.shed + shed });
        }
      }
      // Who is given up may have come before the others did.
      for (const [pool, { arrived, shed }] of sums) yield [pool, Math.min(1, shed / (arrived + ASSUMED))];
    },
  };
}
