import type { Availability } from './processor.ts';
import type { Reason } from './strategy.ts';

export type NoneReason = 'no_processor' | 'unavailable' | 'no_credit' | 'constraints';

export type Decision =
  | {
      readonly processorId: string;
      readonly reason: Reason;
      /** Outstanding frames of the processor when it was chosen. */
      readonly load: number;
    }
  | {
      readonly processorId: undefined;
      readonly reason: 'none';
      readonly why: NoneReason;
    };

/** Every candidate for a frame, with its score and what excluded it; the best first, those excluded last. */
export interface Explanation {
  readonly strategy: string;
  readonly capability: string | undefined;
  readonly decision: Decision;
  readonly candidates: readonly ExplainedCandidate[];
}

export interface ExplainedCandidate {
  readonly processorId: string;
  readonly outstanding: number;
  readonly capacity: number;
  /** Outstanding as a share of capacity and weight, of a newcomer in its slow start of a part of them. */
  readonly load: number;
  /** What the strategy goes by: the load (lowest first), its last turn (lowest first), or how near it is to the camera (highest first). */
  readonly score: number;
  /** undefined: it could have been chosen. `avoid`: it failed the frame last, and others could take it. */
  readonly excluded: Exclusion | undefined;
}

export type Exclusion =
  | Exclude<Availability, 'available'>
  | 'capability'
  | 'no_credit'
  | 'format'
  | 'width'
  | 'height'
  | 'camera'
  | 'avoid';

/** Every decision for nobody, made once: it costs nothing under overload. */
export const NONE = Object.freeze(
  Object.fromEntries(
    (['no_processor', 'unavailable', 'no_credit', 'constraints'] as const).map((why) => [
      why,
      Object.freeze({ processorId: undefined, reason: 'none', why } as const),
    ]),
  ),
) as Readonly<Record<NoneReason, Decision>>;
