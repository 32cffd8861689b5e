import type { RedisFigures } from './live-state.ts';

export interface RedisWatch {
  /** Asks Redis. Never throws. */
  look(nowMs: number): Promise<void>;
  figures(nowMs: number): RedisFigures;
  /** Time by the clock of Redis, which is in all entry ids. */
  redisNow(nowMs: number): number;
}

interface InfoClient {
  info(...sections: string[]): Promise<string>;
}

/** How the memory grows is told from half a minute of it. */
const SLOPE_MS = 30_000;
const MIN_SLOPE_MS = 5_000;
/** No answer for so long: it doesn't answer. */
const SILENT_MS = 2_500;
/** Growth below this is the breathing of buffers. */
const MIN_GROWTH_BYTES_PER_S = 1_024;

export function createRedisWatch(client: InfoClient, startMs: number): RedisWatch {
  let values = new Map<string, string>();
  let answeredMs = startMs;
  let aheadMs = 0;
  let samples: { atMs: number; bytes: number }[] = [];

  const number = (name: string): number | null => {
    const value = Number(values.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : null;
  };

  function slope(): number | undefined {
    const first = samples[0];
    const last = samples.at(-1);
    if (!first || !last || last.atMs - first.atMs < MIN_SLOPE_MS) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
  }

  return {
    async look(nowMs) {
      let info: string;
      try {
        info = await client.info('server', 'memory', 'persistence');
      } catch {
        return;
      }
      answeredMs = Math.max(answeredMs, nowMs);
      values = new Map(
        info.split('\n').flatMap((line) => {
          const colon = line.indexOf(':');
          return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1).trim()]] : [];
        }),
      );
      const serverMs = (number('server_time_usec') ?? nowMs * 1000) / 1000;
      aheadMs = serverMs - nowMs;
      const bytes = number('used_memory');
      if (bytes !== null)
        samples = [...samples.filter(({ atMs }) => nowMs - atMs <= SLOPE_MS), { atMs: nowMs, bytes }];
    },
    figures(nowMs) {
      const usedBytes = number('used_memory');
      const maxmemory = number('maxmemory');
      const limitBytes = maxmemory || number('total_system_memory');
      const growth = slope();
      const grows = growth !== undefined && growth >= MIN_GROWTH_BYTES_PER_S;
      return {
        answering: nowMs - answeredMs < SILENT_MS,
        usedBytes,
        limitBytes,
        limitIsMachine: !maxmemory,
        policy: values.get('maxmemory_policy') ?? null,
        headroomSeconds:
          grows && limitBytes !== null && usedBytes !== null
            ? Math.max(0, (limitBytes - usedBytes) / growth)
            : null,
        version: values.get('redis_version') ?? null,
        appendOnly: values.has('aof_enabled') ? values.get('aof_enabled') === '1' : null,
      };
    },
    redisNow: (nowMs) => nowMs + aheadMs,
  };
}
