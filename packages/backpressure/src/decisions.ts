import type { ArrivalDecision, DispatchDecision, WaitingFrame, WaitingRoomView } from './shedding-policy.ts';

export const ADMIT = Object.freeze({ action: 'admit' });
export const BLOCK = Object.freeze({ action: 'block' });
export const DISPATCH: DispatchDecision = Object.freeze({ action: 'dispatch' });
export const SHED_FULL = Object.freeze({ action: 'shed', reason: 'room_full' });
export const SHED_SUPERSEDED = Object.freeze({ action: 'shed', reason: 'superseded' });
export const SHED_LATE = Object.freeze({ action: 'shed', reason: 'deadline' });
export const SHED_SAMPLED = Object.freeze({ action: 'shed', reason: 'sampled' });

export const alwaysDispatch = (): DispatchDecision => DISPATCH;

/** Admits into a full room at the cost of the oldest frame of the lowest priority, unless the new one's is lower still. */
export function admitOverOldest<F extends WaitingFrame>(
  frame: F,
  room: WaitingRoomView<F>,
): ArrivalDecision<F> {
  if (room.fill < 1) return ADMIT;
  const victim = room.nextToDrop();
  if (!victim || victim.priority > frame.priority) return SHED_FULL;
  return { action: 'replace', victim, reason: 'room_full', place: 'end' };
}
