export interface DrainReading {
  /** Waiting and outstanding together. */
  readonly frames: number;
  readonly drainPerSecond: number;
  /** What comes in meanwhile. */
  readonly arrivalsPerSecond?: number;
}

/** How long until nothing waits; `ms` is always there for a gauge (NaN: unknown, Infinity: never at this rate). */
export type DrainEstimate =
  | { readonly outcome: 'empty'; readonly ms: 0 }
  | { readonly outcome: 'drains'; readonly ms: number }
  /** More comes in than goes out, or as much. */
  | { readonly outcome: 'grows'; readonly ms: number; readonly growthPerSecond: number }
  | { readonly outcome: 'unknown'; readonly ms: number };

/** Of a fluid queue: frames over the difference of the rates. */
export function estimateDrain(reading: DrainReading): DrainEstimate {
  const { frames, drainPerSecond, arrivalsPerSecond = 0 } = reading;
  if (frames === 0) return { outcome: 'empty', ms: 0 };
  const netPerSecond = drainPerSecond - arrivalsPerSecond;
  if (!(frames > 0) || Number.isNaN(netPerSecond)) return { outcome: 'unknown', ms: Number.NaN };
  if (netPerSecond <= 0) return { outcome: 'grows', ms: Infinity, growthPerSecond: 0 - netPerSecond };
  return { outcome: 'drains', ms: (frames / netPerSecond) * 1_000 };
}
