/** Rates of running totals that are read now and then. */
export interface CounterRates<Name extends string> {
  add(nowMs: number, totals: Readonly<Record<Name, number>>): void;
  /** Per second over the window; null until there are two readings, and where a total went back (it began anew). */
  perSecond(name: Name): number | null;
  /** What was added in the window. */
  added(name: Name, windowMs: number): number;
}

/** A minute, so that "lately" can be answered too. */
const KEPT_MS = 60_000;
const RATE_WINDOW_MS = 5_000;

export function createCounterRates<Name extends string>(): CounterRates<Name> {
  const readings: { readonly atMs: number; readonly totals: Readonly<Record<Name, number>> }[] = [];

  /** The newest reading that is at least so old, else the oldest one. */
  function before(atMs: number): (typeof readings)[number] | undefined {
    return readings.findLast((reading) => reading.atMs <= atMs) ?? readings[0];
  }

  return {
    add(atMs, totals) {
      readings.push({ atMs, totals });
      while ((readings[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - KEPT_MS) readings.shift();
    },
    perSecond(name) {
      const last = readings.at(-1);
      const first = last && before(last.atMs - RATE_WINDOW_MS);
      if (!last || !first || last.atMs <= first.atMs) return null;
      const change = last.totals[name] - first.totals[name];
      return change < 0 ? null : (change * 1000) / (last.atMs - first.atMs);
    },
    added(name, windowMs) {
      const last = readings.at(-1);
      const first = last && before(last.atMs - windowMs);
      return last && first ? Math.max(0, last.totals[name] - first.totals[name]) : 0;
    },
  };
}
