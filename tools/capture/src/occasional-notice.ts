/** Many events, few lines in the log: says at once that something began, and then how often it happened, now and then. */
export interface OccasionalNotice {
  /** @param times default 1 */
  count(times?: number): void;
  /** Says what hasn't been said yet. */
  flush(): void;
}

export interface OccasionalNoticeOptions {
  readonly intervalMs: number;
  readonly clock: () => number;
  /** @param times how often since it was last said */
  readonly say: (times: number) => void;
}

export function createOccasionalNotice({
  intervalMs,
  clock,
  say,
}: OccasionalNoticeOptions): OccasionalNotice {
  let unsaid = 0;
  let lastSaidAt = Number.NEGATIVE_INFINITY;
  const flush = (): void => {
    if (unsaid === 0) return;
    lastSaidAt = clock();
    say(unsaid);
    unsaid = 0;
  };
  return {
    count(times = 1) {
      unsaid += times;
      if (clock() - lastSaidAt >= intervalMs) flush();
    },
    flush,
  };
}
