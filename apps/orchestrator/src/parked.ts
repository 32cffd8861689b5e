import type { Source } from '@frame-buffer/stream-consumer';
import { lineName, splitLineName } from './line-name.ts';

/** An entry that was delivered to us and is left in Redis, pending, until its pool has a place. */
export interface ParkedEntry {
  readonly source: Source;
  readonly id: string;
}

/** Ids of frames that found the places of their line taken: so that one doesn't take the places of the others. First in, first out. */
export interface Parked {
  add(line: string, entry: ParkedEntry): void;
  /** Ahead of those that are there, in this order. */
  addFirst(line: string, entries: readonly ParkedEntry[]): void;
  /** Takes the first ones out. */
  take(line: string, count: number): ParkedEntry[];
  has(source: Source, id: string): boolean;
  /** Of one line; of all where none is named. */
  size(line?: string): number;
  of(source: Source): number;
  ids(source: Source): Iterable<string>;
  /** Takes these out, wherever they stand. @returns how many of them were parked */
  drop(source: Source, gone: ReadonlySet<string>): number;
  /** Id of the one that is next. */
  first(line: string): string | undefined;
  lines(): string[];
  /** Whether any stand in a lane of this pool. */
  hasLanes(pool: string): boolean;
  /** Those of all lanes go ahead of the others of their pools. */
  rejoin(): void;
}

export function createParked(): Parked {
  const lines = new Map<string, ParkedEntry[]>();
  const ids = { input: new Set<string>(), retry: new Set<string>() };
  const listOf = (line: string): ParkedEntry[] => {
    let list = lines.get(line);
    if (!list) lines.set(line, (list = []));
    return list;
  };
  return {
    add(line, entry) {
      ids[entry.source].add(entry.id);
      listOf(line).push(entry);
    },
    addFirst(line, entries) {
      for (const { source, id } of entries) ids[source].add(id);
      lines.set(line, [...entries, ...listOf(line)]);
    },
    take(line, count) {
      const list = lines.get(line) ?? [];
      const taken = list.splice(0, count);
      if (list.length === 0) lines.delete(line);
      for (const { source, id } of taken) ids[source].delete(id);
      return taken;
    },
    has: (source, id) => ids[source].has(id),
    size: (line) => (line === undefined ? ids.input.size + ids.retry.size : (lines.get(line)?.length ?? 0)),
    of: (source) => ids[source].size,
    ids: (source) => ids[source],
    drop(source, gone) {
      const before = ids[source].size;
      for (const [line, list] of lines) {
        const left = list.filter((entry) => entry.source !== source || !gone.has(entry.id));
        if (left.length > 0) lines.set(line, left);
        else lines.delete(line);
      }
      for (const id of gone) ids[source].delete(id);
      return before - ids[source].size;
    },
    first: (line) => lines.get(line)?.[0]?.id,
    lines: () => [...lines.keys()],
    hasLanes(pool) {
      const start = lineName(pool, '');
      for (const line of lines.keys()) if (line.startsWith(start)) return true;
      return false;
    },
    rejoin() {
      for (const [line, list] of lines) {
        const { pool, lane } = splitLineName(line);
        if (lane === undefined) continue;
        lines.delete(line);
        lines.set(pool, [...list, ...(lines.get(pool) ?? [])]);
      }
    },
  };
}
