/** Remembers the last ids that were added: at least `count` of them, at most twice as many. */
export interface RecentIds {
  add(id: string): void;
  has(id: string): boolean;
}

export function createRecentIds(count: number): RecentIds {
  let recent = new Set<string>();
  let former = new Set<string>();
  return {
    add(id) {
      if (recent.size >= count) {
        former = recent;
        recent = new Set();
      }
      recent.add(id);
    },
    has: (id) => recent.has(id) || former.has(id),
  };
}
