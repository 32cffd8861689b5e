import { ADMIT, SHED_SAMPLED, admitOverOldest, alwaysDispatch } from './decisions.ts';
import { inRange } from './range-check.ts';
import type { SheddingPolicy } from './shedding-policy.ts';

export interface SampleOptions {
  /** Nothing is left out while the room is filled less than this. */
  fromFill: number;
  /** Frames of this priority or a higher one are not left out. */
  sparePriority: number;
  /** 0 (included) to 1 (not included). */
  rng: () => number;
}

/** Half a room takes a burst without a loss. */
const DEFAULT_FROM_FILL = 0.5;

/**
 * Leaves out a random share of the new frames, that grows with the fill from none at `fromFill` to all in a full room: random early
 * detection (Floyd and Jacobson 1993) on the present fill. It settles where what is kept is what can be done. Random and not every
 * n-th: cameras that take turns would be left out altogether.
 * @throws RangeError with name, bounds and value.
 */
export function sample(options: Partial<SampleOptions> = {}): SheddingPolicy {
  const fromFill = inRange('fromFill', options.fromFill ?? DEFAULT_FROM_FILL, 0, 0.99);
  const sparePriority = inRange('sparePriority', options.sparePriority ?? Infinity, 0, Infinity);
  const rng = options.rng ?? Math.random;
  return {
    name: 'sample',
    blocks: false,
    onArrival(frame, room) {
      if (frame.priority >= sparePriority) return admitOverOldest(frame, room);
      if (room.fill < fromFill) return ADMIT;
      const keep = (1 - room.fill) / (1 - fromFill);
      return rng() < keep ? ADMIT : SHED_SAMPLED;
    },
    onDispatch: alwaysDispatch,
  };
}
