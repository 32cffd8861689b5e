import { setTimeout as sleep } from 'node:timers/promises';
import { hashTagOf, inFlight, keyNames } from '@frame-buffer/models';
import { connectRedis, type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import { within } from '../within.ts';
import { startBooksWatch } from './books-watch.ts';
import { capabilitiesOf, frameIdOf } from './frames.ts';
import { type Findings, findingsOf } from './findings.ts';
import { type Publisher, startPublisher } from './publisher.ts';
import { rateBetween, recoveryMs } from './recovery.ts';
import { resultKey, startResultLog } from './result-log.ts';

/** Frames that flow through a system, and everything that can be seen of them from outside. */
export interface Traffic {
  readonly publisher: Publisher;
  /** Waits until results come as fast as frames go. @throws Error when they don't */
  warmUp(): Promise<void>;
  /** Completions per second of late. */
  recentRate(): number;
  /** @returns undefined where completions don't flow again within the deadline */
  recovery(fault: { rateBefore: number; faultEndMs: number }): Promise<number | undefined>;
  /** When the last frame that Redis had before that moment was done; undefined while one isn't. */
  doneOf(publishedBeforeMs: number): number | undefined;
  /** Ends publishing, waits until everything has come to rest or the deadline passed, and compares. */
  findings(options: { lostInFailover: boolean }): Promise<Findings>;
  stop(): Promise<void>;
}

export interface TrafficOptions {
  readonly redisUrl: string;
  readonly framesPerSecond: number;
  readonly signal: AbortSignal;
}

const WARM_UP_WITHIN_MS = 30_000;
const WARM_RATE = 0.8;
/** The rate before a fault is the mean of this long. */
const RATE_OVER_MS = 1_500;
const RECOVERS_WITHIN_MS = 20_000;
const RESTS_WITHIN_MS = 45_000;
const POLL_MS = 50;
const PAGE = 1_000;

export function startTraffic({ redisUrl, framesPerSecond, signal }: TrafficOptions): Traffic {
  const keys = keyNames({ hashTag: hashTagOf(redisUrl) });
  const clients = ['publisher', 'checker', 'books'].map((name) =>
    connectRedis(redisUrl, { name: `chaos-${name}` }),
  );
  const [publishing, checking, reading] = clients as [
    (typeof clients)[0],
    (typeof clients)[0],
    (typeof clients)[0],
  ];
  const acknowledged = new Map<number, number>();
  const publisher = startPublisher({
    client: publishing,
    keys,
    framesPerSecond,
    onAcknowledged: (number, atMs) => void acknowledged.set(number, atMs),
    signal,
  });
  const log = startResultLog(connectRedis(redisUrl, { name: 'chaos-results' }), checking, keys.results);
  const books = startBooksWatch(reading, keys);

  // A command that waits for a Redis that is away ends too.
  const onAbort = (): void => clients.forEach((client) => client.disconnect());
  signal.addEventListener('abort', onAbort, { once: true });

  const completions = (): number[] => log.seen.map(({ atMs }) => atMs);

  async function waited(withinMs: number, holds: () => boolean | Promise<boolean>): Promise<boolean> {
    const deadlineMs = performance.now() + withinMs;
    for (;;) {
      signal.throwIfAborted();
      if (await holds()) return true;
      if (performance.now() > deadlineMs) return false;
      await sleep(POLL_MS);
    }
  }

  async function deadLetters(): Promise<Set<string>> {
    const frames = new Set<string>();
    for (let from = '-'; ;) {
      const page = (await checking.xrange(keys.deadLetter, from, '+', 'COUNT', PAGE)) as EntryReply[];
      for (const [, flat] of page) frames.add(recordOf(flat ?? [])['frame_id'] ?? '?');
      if (page.length < PAGE) return frames;
      from = `(${page.at(-1)?.[0]}`;
    }
  }

  return {
    publisher,
    recentRate: () => rateBetween(completions(), Date.now() - RATE_OVER_MS, Date.now()),
    async warmUp() {
      const isWarm = await waited(WARM_UP_WITHIN_MS, () => this.recentRate() >= framesPerSecond * WARM_RATE);
      if (!isWarm)
        throw new Error(
          `only ${Math.round(this.recentRate())} results/s of ${framesPerSecond} frames/s before any fault`,
        );
    },
    async recovery(fault) {
      let found: number | undefined;
      await waited(RECOVERS_WITHIN_MS, () => (found = recoveryMs(completions(), fault)) !== undefined);
      return found;
    },
    doneOf(publishedBeforeMs) {
      const doneAt = new Map(log.seen.map(({ key, atMs }) => [key, atMs]));
      let lastMs = 0;
      for (const [number, atMs] of acknowledged) {
        if (atMs >= publishedBeforeMs) continue;
        for (const capability of capabilitiesOf(number)) {
          const doneMs = doneAt.get(resultKey(frameIdOf(number), capability));
          if (doneMs === undefined) return undefined;
          lastMs = Math.max(lastMs, doneMs);
        }
      }
      return lastMs;
    },
    async findings({ lostInFailover }) {
      const finished = await within(
        publisher.finish().then(() => true),
        RESTS_WITHIN_MS,
      );
      const notes: string[] = [];
      if (lostInFailover) {
        const lost = await publisher.publishLost(acknowledged.keys());
        notes.push(`${lost} acknowledged frames were lost with the primary and published again`);
      }
      await waited(RESTS_WITHIN_MS, async () => inFlight(await books.read()) === 0);
      books.stop();
      const found = findingsOf({
        published: acknowledged.keys(),
        seen: log.seen,
        kept: await log.readAll(),
        deadLetters: await deadLetters(),
        books: await books.read(),
        worstBooks: books.worst(),
        lostInFailover,
      });
      const faults = finished ? [] : [`${publisher.inDoubt()} frames could not be published`];
      return { ...found, faults: [...faults, ...found.faults], notes: [...notes, ...found.notes] };
    },
    async stop() {
      signal.removeEventListener('abort', onAbort);
      books.stop();
      for (const client of clients) client.disconnect();
      await log.stop();
    },
  };
}
