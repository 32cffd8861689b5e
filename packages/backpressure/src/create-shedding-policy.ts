import { block } from './block-policy.ts';
import { type DeadlineOptions, deadline } from './deadline-policy.ts';
import { dropOldest } from './drop-oldest-policy.ts';
import { latestPerCamera } from './latest-per-camera-policy.ts';
import { type SampleOptions, sample } from './sample-policy.ts';
import type { SheddingPolicy, SheddingPolicyName } from './shedding-policy.ts';

/**
 * A policy by the name that a configuration gives; options that aren't its own are not looked at.
 * @throws RangeError with name, bounds and value; also where there is no policy of this name.
 */
export function createSheddingPolicy(
  name: SheddingPolicyName,
  options: Partial<DeadlineOptions & SampleOptions> = {},
): SheddingPolicy {
  switch (name) {
    case 'block':
      return block;
    case 'drop_oldest':
      return dropOldest;
    case 'latest_per_camera':
      return latestPerCamera;
    case 'deadline':
      return deadline(options);
    case 'sample':
      return sample(options);
    default:
      throw new RangeError(
        `a policy is block, drop_oldest, latest_per_camera, deadline or sample, got ${String(name)}`,
      );
  }
}
