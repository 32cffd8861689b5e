import type { Source } from '@frame-buffer/stream-consumer';

/** An entry that was delivered to us and is left in Redis, pending, until its pool has a place. */
export interface ParkedEntry {
  readonly source: Source;
  readonly id: string;
}

/** Ids of frames that found their pool's places taken: so that one pool doesn't take the places of the others. First in, first out. */
export interface Parked {
  add(pool: string, entry: ParkedEntry): void;
  /** Ahead of those that are there, in this order. */
  addFirst(pool: string, entries: readonly ParkedEntry[]): void;
  /** Takes the first ones out. */
  take(pool: string, count: number): ParkedEntry[];
  has(source: Source, id: string): boolean;
  /** Of one pool; of all where none is named. */
  size(pool?: string): number;
  of(source: Source): number;
  ids(source: Source): Iterable<string>;
  /** Takes these out, wherever they stand. @returns how many of them were parked */
  drop(source: Source, gone: ReadonlySet<string>): number;
  /** Id of the one that is next. */
  first(pool: string): string | undefined;
  pools(): string[];
}

export function createParked(): Parked {
  const pools = new Map<string, ParkedEntry[]>();
  const ids = { input: new Set<string>(), retry: new Set<string>() };
  const listOf = (pool: string): ParkedEntry[] => {
    let list = pools.get(pool);
    if (!list) pools.set(pool, (list = []));
    return list;
  };
  return {
    add(pool, entry) {
      ids[entry.source].add(entry.id);
      listOf(pool).push(entry);
    },
    addFirst(pool, entries) {
      for (const { source, id } of entries) ids[source].add(id);
      pools.set(pool, [...entries, ...listOf(pool)]);
    },
    take(pool, count) {
      const list = pools.get(pool) ?? [];
      const taken = list.splice(0, count);
      if (list.length === 0) pools.delete(pool);
      for (const { source, id } of taken) ids[source].delete(id);
      return taken;
    },
    has: (source, id) => ids[source].has(id),
    size: (pool) => (pool === undefined ? ids.input.size + ids.retry.size : (pools.get(pool)?.length ?? 0)),
    of: (source) => ids[source].size,
    ids: (source) => ids[source],
    drop(source, gone) {
      const before = ids[source].size;
      for (const [pool, list] of pools) {
        const left = list.filter((entry) => entry.source !== source || !gone.has(entry.id));
        if (left.length > 0) pools.set(pool, left);
        else pools.delete(pool);
      }
      for (const id of gone) ids[source].delete(id);
      return before - ids[source].size;
    },
    first: (pool) => pools.get(pool)?.[0]?.id,
    pools: () => [...pools.keys()],
  };
}
