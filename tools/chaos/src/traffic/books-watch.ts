import { setTimeout as sleep } from 'node:timers/promises';
import { type Books, INPUT_GROUP, type KeyNames } from '@frame-buffer/models';
import { readBooks, type ScriptClient } from '@frame-buffer/stream-consumer';

/** Reads the books all the time: they must balance at every moment, not only at the end. */
export interface BooksWatch {
  /** The reading with the most unaccounted frames; undefined while all balanced. */
  worst(): Books | undefined;
  readings(): number;
  /** A reading of this moment. @throws where Redis can't be asked or nothing was opened */
  read(): Promise<Books>;
  stop(): void;
}

const EVERY_MS = 200;

export function startBooksWatch(client: ScriptClient, keys: KeyNames): BooksWatch {
  let worst: Books | undefined;
  let readings = 0;
  let stopped = false;

  async function read(): Promise<Books> {
    const reading = await readBooks(client, { keys, group: INPUT_GROUP });
    if (!reading) throw new Error('the books are gone');
    readings++;
    if (reading.books.unaccounted > (worst?.unaccounted ?? 0)) worst = reading.books;
    return reading.books;
  }

  async function watch(): Promise<void> {
    while (!stopped) {
      await read().catch(() => {});
      await sleep(EVERY_MS);
    }
  }

  void watch();
  return { worst: () => worst, readings: () => readings, read, stop: () => void (stopped = true) };
}
