import type { ExplainedCandidate, Explanation } from '@frame-buffer/router';

type Explained = Pick<Explanation, 'capability' | 'candidates'>;
type Room = (candidate: ExplainedCandidate) => number;

/**
 * A frame that asks for several capabilities is handed off to a processor of each at once, or not at all: why there is no room for all
 * of its copies, though there may be for each alone. @returns undefined where there is room, or where one of them alone lacks a processor
 */
export function whyNotAll(explanations: readonly Explained[]): string | undefined {
  if (explanations.length < 2) return undefined;
  const needs = explanations.map(({ candidates }) => candidates.filter(accepts));
  if (needs.some((takers) => takers.length === 0)) return undefined;
  const asked = explanations.map(({ capability }) => capability).join(' and ');
  if (!haveRoom(needs, ({ capacity }) => capacity)) {
    const takers = new Map(needs.flat().map(({ processorId, capacity }) => [processorId, capacity]));
    const named = [...takers].map(([id, capacity]) => `${id}: ${capacity}`).join(', ');
    return `it asks for ${asked} at once, and the capacity of the processors that take them (${named}) is too small for a copy of each`;
  }
  if (!haveRoom(needs, ({ capacity, outstanding }) => capacity - outstanding))
    return `it asks for ${asked} at once, and the processors that take them have no room for a copy of each now`;
  return undefined;
}

/** Whoever serves and takes such frames, with credit or without. */
const accepts = ({ excluded }: ExplainedCandidate): boolean =>
  excluded === undefined || excluded === 'no_credit' || excluded === 'avoid';

/** Whether every need finds a place of its own: augmenting paths (Kuhn, 1955), for a handful of needs. */
function haveRoom(needs: readonly (readonly ExplainedCandidate[])[], roomOf: Room): boolean {
  const placed = new Map<string, number[]>();

  function place(need: number, tried: Set<string>): boolean {
    for (const candidate of needs[need] ?? []) {
      const { processorId } = candidate;
      if (tried.has(processorId)) continue;
      tried.add(processorId);
      const there = placed.get(processorId) ?? [];
      const leaves =
        there.length < roomOf(candidate) ? undefined : there.find((other) => place(other, tried));
      if (there.length >= roomOf(candidate) && leaves === undefined) continue;
      placed.set(processorId, [...there.filter((other) => other !== leaves), need]);
      return true;
    }
    return false;
  }

  return needs.every((_takers, need) => place(need, new Set()));
}
