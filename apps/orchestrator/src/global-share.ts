/** What all orchestrators do as a multiple of what this one does, from running totals of both. */
export interface GlobalShare {
  /** @param own the same total, of this one alone */
  add(all: number, own: number): void;
  /** At least 1; 1 while nothing is known. */
  times(): number;
}

/** Readings a second apart: long enough for a sample, short enough to notice an orchestrator that came. */
const KEPT = 10;
/** From fewer frames than these nothing can be told. */
const LEAST = 20;
const MOST = 100;

export function createGlobalShare(): GlobalShare {
  const readings: { readonly all: number; readonly own: number }[] = [];
  return {
    add(all, own) {
      const last = readings.at(-1);
      // The books were opened anew.
      if (last && (all < last.all || own < last.own)) readings.length = 0;
      readings.push({ all, own });
      if (readings.length > KEPT) readings.shift();
    },
    times() {
      const [first, last] = [readings[0], readings.at(-1)];
      if (!first || !last || last.own - first.own < LEAST) return 1;
      return Math.min(MOST, Math.max(1, (last.all - first.all) / (last.own - first.own)));
    },
  };
}
