import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EntryReply,
  type GroupReader,
  type ReadOutcome,
  recordOf,
  type SourceEntry,
} from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';

export interface IntakeOptions {
  readonly reader: GroupReader;
  /** Name of the retry stream; entries of any other come from the input. */
  readonly retryStream: string;
  /** Most entries of one read. */
  readonly batch: number;
  /** Entries that may still be read; 0 while the waiting room is full or reading is paused. */
  readonly room: () => number;
  readonly onEntries: (entries: readonly SourceEntry[]) => Promise<void>;
  /** Creates streams and groups that are missing. */
  readonly recreate: () => Promise<unknown>;
  /** Deliveries may have been lost on a broken connection: look for what is pending and not held. */
  readonly onInterrupted: () => Promise<void>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export interface Intake {
  /** Reads until the signal. */
  run(): Promise<void>;
  /** There may be room again. */
  wake(): void;
  /** Whether the last read succeeded. */
  reading(): boolean;
}

export const PAUSE_AFTER_FAILURE_MS = 200;

/** Reads the input and the retry stream. The next read is under way while a batch is decided: Redis and this process work side by side. */
export function createIntake(options: IntakeOptions): Intake {
  const { reader, logger, signal } = options;
  let woken = Promise.withResolvers<void>();
  let readingWell = true;

  /** @param arriving entries that were read and don't show in `room` yet */
  async function readNext(arriving: number): Promise<ReadOutcome> {
    while (!signal.aborted) {
      const free = options.room() - arriving;
      if (free > 0) return reader.read(Math.min(free, options.batch));
      await woken.promise;
      // Whoever wakes us does so after what was arriving has been taken.
      arriving = 0;
    }
    return { kind: 'closed' };
  }

  async function take(outcome: ReadOutcome): Promise<void> {
    readingWell = outcome.kind === 'entries' || outcome.kind === 'nothing';
    switch (outcome.kind) {
      case 'entries':
        for (const { stream, entries } of outcome.batches)
          await options.onEntries(sourceEntries(stream, entries));
        return;
      case 'missing_group':
        logger.warn('a stream or its group is missing and is made again');
        return persist('make the streams again', options.recreate);
      case 'interrupted':
        logger.warn('reading was interrupted', { error: outcome.error });
        return persist('look for entries that were lost on the way', options.onInterrupted);
      case 'nothing':
      case 'closed':
    }
  }

  function sourceEntries(stream: string, entries: readonly EntryReply[]): SourceEntry[] {
    const source = stream === options.retryStream ? 'retry' : 'input';
    return entries.map(([id, fields]) => ({ source, id, fields: recordOf(fields ?? []) }));
  }

  async function persist(what: string, attempt: () => Promise<unknown>): Promise<void> {
    await sleep(PAUSE_AFTER_FAILURE_MS);
    await retrying(what, attempt, { logger, signal });
  }

  return {
    async run() {
      let next = readNext(0);
      while (!signal.aborted) {
        const outcome = await next;
        next = readNext(sizeOf(outcome));
        await take(outcome);
      }
      await next;
    },
    wake() {
      woken.resolve();
      woken = Promise.withResolvers<void>();
    },
    reading: () => readingWell,
  };
}

/** Tries until it succeeds or the signal comes: the frames stay ours meanwhile. */
export async function retrying(
  what: string,
  attempt: () => Promise<unknown>,
  { logger, signal }: Pick<IntakeOptions, 'logger' | 'signal'>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await attempt();
      return;
    } catch (error) {
      logger.warn(`could not ${what}, trying again`, { error });
      await sleep(PAUSE_AFTER_FAILURE_MS);
    }
  }
}

const sizeOf = (outcome: ReadOutcome): number =>
  outcome.kind === 'entries' ? outcome.batches.reduce((sum, { entries }) => sum + entries.length, 0) : 0;
