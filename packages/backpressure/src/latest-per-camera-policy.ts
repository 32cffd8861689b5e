import { SHED_SUPERSEDED, admitOverOldest, alwaysDispatch } from './decisions.ts';
import type { SheddingPolicy } from './shedding-policy.ts';

/**
 * Of each camera and priority only the newest frame waits. It takes the place of the one it supersedes: at the end of the queue it
 * would be superseded again before its turn, and a fast camera would never be served. A frame older than the waiting one (a retry) is
 * shed itself. With more cameras than places, as `drop_oldest`.
 */
export const latestPerCamera: SheddingPolicy = {
  name: 'latest_per_camera',
  blocks: false,
  onArrival(frame, room) {
    const waiting = room.waitingOf(frame.cameraId, frame.priority);
    if (!waiting) return admitOverOldest(frame, room);
    if (frame.arrivedAtMs < waiting.arrivedAtMs) return SHED_SUPERSEDED;
    return { action: 'replace', victim: waiting, reason: 'superseded', place: 'victim' };
  },
  onDispatch: alwaysDispatch,
};
