import { createPriorityQueue } from '@frame-buffer/router';
import { meanNs } from './mean-of-runs.ts';

export interface PriorityQueueReport {
  /** One frame in and one out, in a queue that holds others of all classes. */
  readonly pushPopNs: number;
}

/** As many as an orchestrator holds at most. */
const WAITING = 4_096;
const PRIORITIES = 11;

/** @throws Error where the queue lost something */
export function benchPriorityQueue(steps: number): PriorityQueueReport {
  const queue = createPriorityQueue<{ readonly number: number }>();
  const frames = Array.from({ length: WAITING }, (_none, number) => ({ number }));
  const startMs = performance.now();
  frames.forEach((frame, i) => queue.push(frame, i % PRIORITIES, startMs));
  let next = 0;
  const pushPopNs = meanNs(steps, (count) => {
    // The journey reads the clock once for a whole batch.
    const nowMs = performance.now();
    for (let i = 0; i < count; i++) {
      queue.push(frames[next % WAITING] as (typeof frames)[number], next % PRIORITIES, nowMs);
      next++;
      queue.pop();
    }
  });
  if (queue.size !== WAITING) throw new Error(`${queue.size} frames wait instead of ${WAITING}`);
  return { pushPopNs };
}
