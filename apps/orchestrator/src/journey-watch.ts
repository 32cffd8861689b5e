import type { ShedReason } from '@frame-buffer/backpressure';
import type { SourceEntry } from '@frame-buffer/stream-consumer';
import type { DispatchPlan } from './dispatch-plan.ts';
import type { HeldFrame } from './waiting-room.ts';

/** Sees every frame that passes, on the hot path: it must be quick and never throw. */
export interface JourneyWatch {
  /** @param held undefined: a dead letter */
  read(entry: SourceEntry, held: HeldFrame | undefined): void;
  /** @param nowMs since the epoch */
  handedOff(plan: DispatchPlan, nowMs: number): void;
  /** @param moment of the router, when it was decided @param nowMs since the epoch */
  shed(held: HeldFrame, reason: ShedReason, moment: number, nowMs: number): void;
}
