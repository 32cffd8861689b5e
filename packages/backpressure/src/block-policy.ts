import { ADMIT, BLOCK, alwaysDispatch } from './decisions.ts';
import type { SheddingPolicy } from './shedding-policy.ts';

/** Sheds nothing: a full room stops the reading, and the frames wait where they are. */
export const block: SheddingPolicy = {
  name: 'block',
  blocks: true,
  onArrival: (_frame, room) => (room.fill < 1 ? ADMIT : BLOCK),
  onDispatch: alwaysDispatch,
};
