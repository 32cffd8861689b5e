import { setTimeout as sleep } from 'node:timers/promises';

/** What the work comes to, or `undefined` where it takes longer. No timer is left behind. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  const done = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, undefined, { signal: done.signal })]);
  } finally {
    done.abort();
  }
}
