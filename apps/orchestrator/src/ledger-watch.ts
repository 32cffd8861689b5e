import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import { type BooksReading, openBooks, readBooks, type ScriptClient } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';

/** Reads the books once a second, so that what does not balance is noticed, and said once when it changes. */
export interface LedgerWatch {
  /** The last reading. */
  latest(): BooksReading | undefined;
  /** The last reading, unless it is so old that it says nothing about now. */
  fresh(): BooksReading | undefined;
  /** When the last reading was made, in ms since the epoch. */
  latestAtMs(): number;
  /** A reading of this moment. */
  read(): Promise<BooksReading | undefined>;
  run(signal: AbortSignal): Promise<void>;
}

export interface LedgerWatchOptions {
  readonly client: ScriptClient;
  readonly keys: KeyNames;
  readonly group: string;
  /** Told of each reading that `run` makes. */
  readonly onReading?: (reading: BooksReading) => void;
  readonly logger: Logger;
}

const EVERY_MS = 1_000;
const STALE_MS = 5_000;

export function createLedgerWatch({
  client,
  keys,
  group,
  onReading = () => {},
  logger,
}: LedgerWatchOptions): LedgerWatch {
  let latest: BooksReading | undefined;
  let latestAtMs = Number.NEGATIVE_INFINITY;
  let said = { unaccounted: 0, lost: 0 };

  async function read(): Promise<BooksReading | undefined> {
    latest = await readBooks(client, { keys, group });
    latestAtMs = Date.now();
    return latest;
  }

  /** Somebody deleted the ledger. Where the streams went with it, whoever reads them makes them again; here nobody else would notice. */
  async function reopen(): Promise<void> {
    if (await openBooks(client, { keys, group }, new Date().toISOString()))
      logger.error(
        'the ledger was gone: the books were opened again, and what was counted before is not in them',
      );
  }

  function say(reading: BooksReading): void {
    const { unaccounted, lostUpstream } = reading.books;
    if (unaccounted !== said.unaccounted) {
      if (unaccounted > 0)
        logger.error(`the books do not balance: ${unaccounted} frames unaccounted`, { ...reading.books });
      else logger.info('the books balance again', { ...reading.books });
    }
    if (lostUpstream > said.lost) {
      logger.error(
        `${lostUpstream - said.lost} frames were deleted from a stream before they were done: a publisher trims it`,
        {
          lost_upstream: lostUpstream,
        },
      );
    }
    said = { unaccounted, lost: lostUpstream };
  }

  return {
    latest: () => latest,
    fresh: () => (Date.now() - latestAtMs < STALE_MS ? latest : undefined),
    latestAtMs: () => latestAtMs,
    read,
    async run(signal) {
      while (!signal.aborted) {
        try {
          const reading = await read();
          if (reading) {
            say(reading);
            onReading(reading);
          } else await reopen();
        } catch (error) {
          logger.warn('the books could not be read', { error });
        }
        await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}
