import { setTimeout as sleep } from 'node:timers/promises';
import { connectRedis, type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import { resultKey } from '../traffic/result-log.ts';

/** Takes every result out of the stream, as a consumer that keeps up does. */
export interface ResultDrain {
  stop(): Promise<void>;
}

const COUNT = 2_000;
const BLOCK_MS = 200;
const RETRY_MS = 50;

/** @param onResult gets the frame id and capability of each, as `resultKey` writes them */
export function startResultDrain(
  redisUrl: string,
  stream: string,
  onResult: (key: string) => void,
): ResultDrain {
  const reads = connectRedis(redisUrl, { name: 'soak-results' });
  const trims = connectRedis(redisUrl, { name: 'soak-trims' });
  let stopped = false;
  let last = '0-0';

  async function drain(): Promise<void> {
    while (!stopped) {
      try {
        const reply = (await reads.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', stream, last)) as
          [string, EntryReply[]][] | null;
        const entries = reply?.[0]?.[1] ?? [];
        for (const [, flat] of entries) {
          const record = recordOf(flat ?? []);
          onResult(resultKey(record['frame_id'] ?? '?', record['capability'] ?? ''));
        }
        last = entries.at(-1)?.[0] ?? last;
        if (entries.length > 0) await trims.xtrim(stream, 'MINID', last);
      } catch {
        await sleep(RETRY_MS);
      }
    }
  }

  const draining = drain();
  return {
    async stop() {
      stopped = true;
      await draining;
      for (const client of [reads, trims]) client.disconnect();
    },
  };
}
