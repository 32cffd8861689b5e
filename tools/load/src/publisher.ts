import { setTimeout as sleep } from 'node:timers/promises';
import type { Schedule } from '@frame-buffer/bench';
import type { FlatRecord } from '@frame-buffer/models';
import type { LatencyHistogram } from './observation/latency-histogram.ts';

/**
 * Publishes frames at a fixed rate, whatever becomes of them: it waits neither for results nor for Redis' answers. A frame that goes
 * late carries the moment at which it was due (no coordinated omission).
 */
export interface Publisher {
  /** Publishes until the time is over or the signal is given; resolves when Redis has answered, or doesn't for too long. */
  run(signal: AbortSignal): Promise<void>;
  counts(): PublisherCounts;
}

export interface PublisherCounts {
  /** Frames that Redis has. */
  readonly published: number;
  /** Frames that Redis refused. */
  readonly refused: number;
  /** Frames that were due and were not sent, because this program or Redis could not keep up. */
  readonly unsent: number;
  /** Frames sent that Redis hasn't answered for. */
  readonly unanswered: number;
  /** How long ago the oldest frame was due that Redis hasn't answered for, in ms; 0 where there is none. */
  readonly behindMs: number;
}

export interface PublisherOptions {
  readonly schedule: Schedule;
  /** When the first frame is due, ms of the monotonic clock. */
  readonly startMs: number;
  /** Frames that become due later are not published. */
  readonly endMs: number;
  readonly record: (number: number) => FlatRecord;
  readonly send: (record: FlatRecord) => Promise<unknown>;
  /** From the moment a frame was due until Redis had it. */
  readonly delays: LatencyHistogram;
  readonly onRefusal: (error: Error) => void;
  readonly clock?: () => number;
  /** How long to wait for the last answers, ms. */
  readonly answersWithinMs?: number;
}

const TICK_MS = 1;
/** While Redis is away frames pile up here no further; they are due meanwhile, and go late. */
const MAX_UNANSWERED = 50_000;
const ANSWERS_WITHIN_MS = 5_000;

export function createPublisher(options: PublisherOptions): Publisher {
  const { schedule, startMs, endMs } = options;
  const { clock = () => performance.now(), answersWithinMs = ANSWERS_WITHIN_MS } = options;
  /** Numbers of the frames under way, in the order sent. */
  const unanswered = new Set<number>();
  let sent = 0;
  let published = 0;
  let refused = 0;
  /** The moment at which it ended. */
  let endedMs: number | undefined;

  const dueMs = (number: number): number => startMs + schedule.intendedMs(number);

  function send(number: number): void {
    unanswered.add(number);
    options
      .send(options.record(number))
      .then(
        () => {
          published++;
          options.delays.record(clock() - dueMs(number));
        },
        (error: Error) => {
          refused++;
          options.onRefusal(error);
        },
      )
      .finally(() => unanswered.delete(number));
  }

  return {
    async run(signal) {
      let nowMs = startMs;
      while (!signal.aborted) {
        nowMs = clock();
        const due = schedule.dueAt(Math.min(nowMs, endMs) - startMs);
        while (sent < due && unanswered.size < MAX_UNANSWERED) send(sent++);
        if (nowMs >= endMs) break;
        await sleep(TICK_MS);
      }
      endedMs = Math.min(nowMs, endMs);
      const deadlineMs = performance.now() + answersWithinMs;
      while (unanswered.size > 0 && performance.now() < deadlineMs) await sleep(TICK_MS);
    },
    counts() {
      const nowMs = clock();
      const [oldest] = unanswered;
      const waiting = oldest ?? (endedMs === undefined && dueMs(sent) < nowMs ? sent : undefined);
      return {
        published,
        refused,
        unanswered: unanswered.size,
        unsent: schedule.dueAt((endedMs ?? nowMs) - startMs) - sent,
        behindMs: waiting === undefined ? 0 : Math.max(0, nowMs - dueMs(waiting)),
      };
    },
  };
}
