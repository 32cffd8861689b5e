import { setTimeout as sleep } from 'node:timers/promises';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';

/** One result as it lies in the stream. */
export interface ResultEntry {
  /** Entry id. */
  readonly id: string;
  /** When Redis took it, ms since the epoch. */
  readonly atMs: number;
  /** Frame id and capability. */
  readonly key: string;
}

/** Every result that somebody could see, also where a failover takes it away again. */
export interface ResultLog {
  /** In the order seen. */
  readonly seen: readonly ResultEntry[];
  /** What is in the stream now. */
  readAll(): Promise<ResultEntry[]>;
  stop(): Promise<void>;
}

const COUNT = 2_000;
const BLOCK_MS = 200;
const RETRY_MS = 50;

export const resultKey = (frameId: string, capability: string): string => `${frameId} ${capability}`;

/** @param client for its blocking reads alone */
export function startResultLog(client: Redis, reader: Redis, stream: string): ResultLog {
  const seen: ResultEntry[] = [];
  /** A client that is disconnected while Redis is away never answers. */
  const ending = Promise.withResolvers<null>();
  let stopped = false;
  let last = '0-0';

  async function follow(): Promise<void> {
    while (!stopped) {
      try {
        const reading = client.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, last);
        const reply = (await Promise.race([reading, ending.promise])) as [string, EntryReply[]][] | null;
        const entries = (reply?.[0]?.[1] ?? []).map(resultOf);
        seen.push(...entries);
        last = entries.at(-1)?.id ?? last;
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  const following = follow();
  return {
    seen,
    async readAll() {
      const all: ResultEntry[] = [];
      for (let from = '-'; ; from = `(${all.at(-1)?.id}`) {
        const page = (await reader.xrange(stream, from, '+', 'COUNT', COUNT)) as EntryReply[];
        all.push(...page.map(resultOf));
        if (page.length < COUNT) return all;
      }
    },
    async stop() {
      stopped = true;
      ending.resolve(null);
      client.disconnect();
      await following;
    },
  };
}

function resultOf([id, flat]: EntryReply): ResultEntry {
  const record = recordOf(flat ?? []);
  return {
    id,
    atMs: Number.parseInt(id, 10),
    key: resultKey(record['frame_id'] ?? '?', record['capability'] ?? ''),
  };
}
