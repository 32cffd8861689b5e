import { createRateMeter, type RateMeter } from '@frame-buffer/backpressure';
import { ANY_PROCESSOR } from './any-processor.ts';
import type { DispatchPlan } from './dispatch-plan.ts';

/** How many new frames the processors of each capability take from this orchestrator: while frames wait, that is what they can do. */
export interface PoolDrain {
  handedOff(plan: DispatchPlan): void;
  /** Frames per second; NaN where unknown. */
  perSecond(capability: string): number;
}

export const DRAIN_WINDOW_MS = 3_000;
/** Beyond these nobody asks for what somebody made up. */
const MAX_CAPABILITIES = 1_000;

export function createPoolDrain(clock: () => number = () => performance.now()): PoolDrain {
  const meters = new Map<string, RateMeter>();
  const startMs = clock();
  return {
    handedOff({ held, copies }) {
      // A frame that comes back takes the place of a new one, and isn't one more.
      if (held.entry.source !== 'input') return;
      for (const { capability = ANY_PROCESSOR } of copies) {
        let meter = meters.get(capability);
        if (!meter) {
          if (meters.size >= MAX_CAPABILITIES) continue;
          meters.set(capability, (meter = createRateMeter({ windowMs: DRAIN_WINDOW_MS, clock })));
        }
        meter.add();
      }
    },
    // Nothing was handed off ever: that is known as soon as a window has passed.
    perSecond: (capability) =>
      meters.get(capability)?.perSecond() ?? (clock() - startMs < DRAIN_WINDOW_MS ? Number.NaN : 0),
  };
}
