/** Chances that come out the same for the same seed. */
export interface Rng {
  /** From 0, below 1. */
  next(): number;
  /** A whole number, both bounds included. */
  between(minimum: number, maximum: number): number;
  /** @throws RangeError for an empty list */
  pick<T>(list: readonly T[]): T;
}

/** mulberry32, by Tommy Ettinger (public domain): 32 bits of state are plenty for a schedule. */
export function createRng(seed: number): Rng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (minimum, maximum) => minimum + Math.floor(next() * (maximum - minimum + 1)),
    pick(list) {
      if (list.length === 0) throw new RangeError('nothing to pick from: the list is empty');
      return list[Math.floor(next() * list.length)] as (typeof list)[number];
    },
  };
}

/** The seed of a scenario: its schedule doesn't depend on which others run before it. */
export function seedOf(seed: number, name: string): number {
  // FNV-1a
  let hash = 0x811c9dc5 ^ seed;
  for (const char of name) hash = Math.imul(hash ^ (char.codePointAt(0) as number), 0x01000193);
  return hash >>> 0;
}
