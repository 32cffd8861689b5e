import type { LogFields, Logger } from './logger-port.ts';

export interface OutageOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** What may be away, as it stands in a sentence: `Redis at 10.0.0.5:6379`. */
  readonly what: string;
  readonly fields?: LogFields;
  /** Monotonic, in ms. */
  readonly clock?: () => number;
}

/** Something that several connections reach: an outage is one fact, however many of them meet it, however often they try. */
export interface Outage {
  failed(error: Error): void;
  works(): void;
}

/** While it lasts, it is said again so often. */
const SAID_AGAIN_MS = 30_000;

/** Says that something is out of reach, now and then that it still is, and that it is back. */
export function createOutage({
  logger,
  what,
  fields = {},
  clock = () => performance.now(),
}: OutageOptions): Outage {
  let sinceMs: number | undefined;
  let saidAtMs = 0;
  const seconds = (): string => `${((clock() - (sinceMs ?? 0)) / 1000).toFixed(1)} s`;
  return {
    failed(error) {
      const nowMs = clock();
      // Of several addresses tried, each has its own reason, and the whole none.
      const reason = error.message || (error as NodeJS.ErrnoException).code || error.name;
      if (sinceMs === undefined) {
        sinceMs = saidAtMs = nowMs;
        logger.warn(`${what} is out of reach, trying again until it is back: ${reason}`, fields);
      } else if (nowMs - saidAtMs >= SAID_AGAIN_MS) {
        saidAtMs = nowMs;
        logger.warn(`${what} is still out of reach, after ${seconds()}: ${reason}`, fields);
      }
    },
    works() {
      if (sinceMs === undefined) return;
      const after = seconds();
      sinceMs = undefined;
      logger.info(`${what} is back after ${after}`, fields);
    },
  };
}
