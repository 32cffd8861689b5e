import fc from 'fast-check';
import { OpenHeap } from './open-heap.ts';
import type { Candidate } from './processor.ts';

function candidateOf(slot: number): Candidate {
  return {
    processor: { id: `p${slot}`, capabilities: [], capacity: 1 },
    constrained: false,
    availability: 'available',
    outstanding: 0,
    load: 0,
    warmth: 1,
    tie: slot,
    mark: 0,
    slot,
    pools: [],
  };
}

const byLoad = (a: Candidate, b: Candidate): boolean =>
  a.load < b.load || (a.load === b.load && a.tie < b.tie);

const commands = fc.array(
  fc.record({
    slot: fc.nat(30),
    action: fc.constantFrom('update', 'update', 'update', 'delete'),
    load: fc.nat(10),
  }),
  { maxLength: 200 },
);

/** Both the heap and a plain set after the same commands. */
function after(script: readonly { slot: number; action: string; load: number }[]) {
  const all = Array.from({ length: 31 }, (_none, slot) => candidateOf(slot));
  const heap = new OpenHeap(byLoad);
  const model = new Set<Candidate>();
  for (const { slot, action, load } of script) {
    const candidate = all[slot] as Candidate;
    if (action === 'delete') {
      heap.delete(candidate);
      model.delete(candidate);
    } else {
      candidate.load = load;
      heap.update(candidate);
      model.add(candidate);
    }
  }
  return { all, heap, sorted: [...model].sort((a, b) => (byLoad(a, b) ? -1 : 1)) };
}

describe('the heap of open candidates', () => {
  it('has what a sorted list has, in its order, whatever comes, moves and goes', () => {
    fc.assert(
      fc.property(commands, (script) => {
        const { all, heap, sorted } = after(script);
        expect(heap.size).toBe(sorted.length);
        expect(all.filter((candidate) => heap.has(candidate))).toHaveLength(sorted.length);
        for (const expected of sorted) {
          expect(heap.first()).toBe(expected);
          heap.delete(expected);
        }
        expect(heap.first()).toBeUndefined();
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('finds the first that fits as a sorted list does', () => {
    fc.assert(
      fc.property(commands, fc.func(fc.boolean()), (script, fits) => {
        const { heap, sorted } = after(script);
        const test = ({ slot }: Candidate): boolean => fits(slot);
        expect(heap.firstWhere(test)).toBe(sorted.find(test));
      }),
      { seed: 2, numRuns: 300 },
    );
  });

  it('gives every member by index, once', () => {
    fc.assert(
      fc.property(commands, (script) => {
        const { heap, sorted } = after(script);
        const members = sorted.map((_none, index) => heap.at(index));
        expect(new Set(members)).toEqual(new Set(sorted));
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it('looks at a handful only where nearly all fit', () => {
    const heap = new OpenHeap(byLoad);
    for (let slot = 0; slot < 1000; slot++) heap.update(candidateOf(slot));
    let looks = 0;
    expect(heap.firstWhere(({ slot }) => ++looks > 0 && slot > 0)?.slot).toBe(1);
    expect(looks).toBeLessThan(5);
  });
});
