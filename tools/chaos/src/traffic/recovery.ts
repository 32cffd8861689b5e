/** Completions are counted over this long. */
const WINDOW_MS = 500;

/** @returns per second, over the time given */
export function rateBetween(completionsMs: readonly number[], fromMs: number, toMs: number): number {
  const count = completionsMs.filter((atMs) => atMs > fromMs && atMs <= toMs).length;
  return (count / (toMs - fromMs)) * 1000;
}

/**
 * From the end of the fault to the first moment at which completions flow at half of the rate before, or faster; 0 where they
 * never stopped. undefined: they haven't yet.
 * @param completionsMs in ascending order
 */
export function recoveryMs(
  completionsMs: readonly number[],
  { rateBefore, faultEndMs }: { rateBefore: number; faultEndMs: number },
): number | undefined {
  const needed = Math.max(1, (rateBefore * WINDOW_MS) / 1000 / 2);
  let first = 0;
  for (let last = 0; last < completionsMs.length; last++) {
    const nowMs = completionsMs[last] as number;
    while ((completionsMs[first] as number) <= nowMs - WINDOW_MS) first++;
    if (nowMs >= faultEndMs && last - first + 1 >= needed) return nowMs - faultEndMs;
  }
  return undefined;
}
