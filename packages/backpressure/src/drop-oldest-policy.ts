import { admitOverOldest, alwaysDispatch } from './decisions.ts';
import type { SheddingPolicy } from './shedding-policy.ts';

/** A full room sheds its oldest frame of the lowest priority for a new one; never a frame of higher priority than the new one's. */
export const dropOldest: SheddingPolicy = {
  name: 'drop_oldest',
  blocks: false,
  onArrival: admitOverOldest,
  onDispatch: alwaysDispatch,
};
