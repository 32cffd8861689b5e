import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MemorySample } from './flatness.ts';

/** The readings of one life of a process. */
export interface ProcessLife {
  readonly name: string;
  readonly pid: number;
  readonly samples: readonly MemorySample[];
}

/** Reads the resident memory of processes, each second. */
export interface MemoryWatch {
  /** Every life seen, in the order of birth. */
  lives(): readonly ProcessLife[];
  stop(): Promise<void>;
}

const EVERY_MS = 1_000;
const BYTES_PER_MB = 2 ** 20;

/** @param living those to read now */
export function startMemoryWatch(living: () => readonly { name: string; pid: number }[]): MemoryWatch {
  const lives = new Map<number, { name: string; pid: number; samples: MemorySample[] }>();
  const startMs = performance.now();
  const ending = new AbortController();

  async function readAll(): Promise<void> {
    const atSeconds = (performance.now() - startMs) / 1000;
    for (const { name, pid } of living()) {
      const megabytes = await residentMb(pid);
      if (megabytes === undefined) continue;
      const life = lives.get(pid) ?? { name, pid, samples: [] };
      lives.set(pid, life);
      life.samples.push({ atSeconds, megabytes });
    }
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      await readAll();
      await sleep(EVERY_MS, undefined, { signal: ending.signal }).catch(() => {});
    }
  }

  const watching = watch();
  return {
    lives: () => [...lives.values()],
    async stop() {
      ending.abort();
      await watching;
    },
  };
}

/** @returns undefined where it has ended. Linux only: elsewhere nothing is seen */
async function residentMb(pid: number): Promise<number | undefined> {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : (Number(kilobytes) * 1024) / BYTES_PER_MB;
  } catch {
    return undefined;
  }
}
