import { type Books, inFlight } from '@frame-buffer/models';

/** With a Redis that was there before, only this run's frames are reported. What is somewhere now is reported as it is. */
export function since(before: Books, now: Books): Books {
  return {
    ...now,
    captured: now.captured - before.captured + inFlight(before),
    fanout: now.fanout - before.fanout,
    completed: now.completed - before.completed,
    deadLettered: now.deadLettered - before.deadLettered,
    shed: now.shed - before.shed,
    lostUpstream: now.lostUpstream - before.lostUpstream,
  };
}
