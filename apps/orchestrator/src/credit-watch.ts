import { setTimeout as sleep } from 'node:timers/promises';

export interface CreditWatchOptions {
  /** Whether frames wait for credit now. */
  readonly blocked: () => boolean;
  /** Counts the work queues in Redis. Must not throw. */
  readonly count: () => Promise<void>;
  /** Hands off what can be handed off now. @returns whether anything could */
  readonly retry: () => boolean;
}

/** Finds credit for frames that wait. */
export interface CreditWatch {
  /** Begins to look, if it doesn't already; ends by itself when nothing waits any more. */
  start(): void;
  /** A processor says that it has room. */
  hint(): void;
  end(): void;
}

/** Credit is asked for at most this often, */
const MIN_ASK_MS = 1;
/** and at least this often: clients that only acknowledge send no hints. */
const MAX_ASK_MS = 20;

/** Frames wait and no processor has credit, as far as we know: asks Redis at once, at every hint, and now and then without one. */
export function createCreditWatch({ blocked, count, retry }: CreditWatchOptions): CreditWatch {
  let looking = false;
  let ended = false;
  let hinted = Promise.withResolvers<void>();

  async function look(): Promise<void> {
    looking = true;
    let delayMs = MIN_ASK_MS;
    try {
      while (blocked() && !ended) {
        await count();
        const progress = retry();
        if (!blocked()) break;
        await sleep(MIN_ASK_MS);
        delayMs = progress ? MIN_ASK_MS : Math.min(delayMs * 2, MAX_ASK_MS);
        await Promise.race([hinted.promise, sleep(delayMs)]);
      }
    } finally {
      looking = false;
    }
  }

  return {
    start() {
      if (!looking) void look();
    },
    hint() {
      hinted.resolve();
      hinted = Promise.withResolvers<void>();
    },
    end() {
      ended = true;
      hinted.resolve();
    },
  };
}
