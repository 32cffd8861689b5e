import type { Frame } from '@frame-buffer/models';

/** What a policy looks at of a frame that waits, or wants to. */
export interface WaitingFrame extends Pick<Frame, 'cameraId' | 'priority'> {
  /** When it was published, in ms since the epoch. */
  readonly arrivedAtMs: number;
  /** When its result is of no more use, in ms since the epoch; undefined where it doesn't say. */
  readonly deadlineAtMs?: number | undefined;
}

/** What a policy asks of a pool's waiting room; everything is meant to be O(1). */
export interface WaitingRoomView<F extends WaitingFrame> {
  /** Frames waiting / places; 1 or more is full. */
  readonly fill: number;
  /** The oldest of those with the lowest priority that waits. */
  nextToDrop(): F | undefined;
  /** The frame of this camera that waits with this priority. Only `latest_per_camera` asks. */
  waitingOf(cameraId: string, priority: number): F | undefined;
  /** How long a frame of this priority would wait if it came now; NaN where unknown. Only `deadline` asks. */
  expectedWaitMs(priority: number): number;
  /** From hand-off to result; NaN where unknown. Only `deadline` asks. */
  readonly expectedServiceMs: number;
}

export const SHED_REASONS = [
  /** There was no place left. */
  'room_full',
  /** A newer frame of its camera came. */
  'superseded',
  /** Its result would have come too late. */
  'deadline',
  /** It was among those that are left out. */
  'sampled',
] as const;
export type ShedReason = (typeof SHED_REASONS)[number];

export type ArrivalDecision<F extends WaitingFrame> =
  /** It waits, at the end of its queue. */
  | { readonly action: 'admit' }
  /** `victim` is shed, and the new frame waits: in the victim's place, or at the end of its own queue. */
  | {
      readonly action: 'replace';
      readonly victim: F;
      readonly reason: ShedReason;
      readonly place: 'victim' | 'end';
    }
  /** The new frame is shed. */
  | { readonly action: 'shed'; readonly reason: ShedReason }
  /** The new frame stays where it came from, and no more are read for this pool until there is room. */
  | { readonly action: 'block' };

export type DispatchDecision =
  { readonly action: 'dispatch' } | { readonly action: 'shed'; readonly reason: ShedReason };

export const SHEDDING_POLICIES = ['block', 'drop_oldest', 'latest_per_camera', 'deadline', 'sample'] as const;
export type SheddingPolicyName = (typeof SHEDDING_POLICIES)[number];

/**
 * Decides which frames are given up where there are more than can be processed. Pure: it changes nothing, remembers nothing, and
 * leaves counting and recording to the caller.
 */
export interface SheddingPolicy {
  readonly name: SheddingPolicyName | (string & {});
  /** Whether intake must be bounded (`intakeAllowance`); one that sheds wants to see every frame as soon as it is there. */
  readonly blocks: boolean;
  /** To be asked for every frame that has to wait. */
  onArrival<F extends WaitingFrame>(frame: F, room: WaitingRoomView<F>, nowMs: number): ArrivalDecision<F>;
  /** To be asked for every frame that is about to be handed off. */
  onDispatch<F extends WaitingFrame>(frame: F, room: WaitingRoomView<F>, nowMs: number): DispatchDecision;
}
