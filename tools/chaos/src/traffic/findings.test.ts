import type { Books } from '@frame-buffer/models';
import { capabilitiesOf, frameIdOf } from './frames.ts';
import { type Evidence, findingsOf } from './findings.ts';
import { type ResultEntry, resultKey } from './result-log.ts';

/** Frames 1 to 3 ask for one capability each. */
const PUBLISHED = [1, 2, 3];
let entries = 0;

const result = (number: number, capability = capabilitiesOf(number)[0] as string): ResultEntry => {
  entries++;
  return { id: `${entries}-0`, atMs: entries, key: resultKey(frameIdOf(number), capability) };
};

const books = (overrides: Partial<Books> = {}): Books => ({
  ...{ captured: 3, fanout: 0, unread: 0, pendingInput: 0, waitingRetry: 0, outstanding: 0, completed: 3 },
  ...{ deadLettered: 0, shed: 0, lostUpstream: 0, unaccounted: 0 },
  ...overrides,
});

const evidence = (kept: ResultEntry[], overrides: Partial<Evidence> = {}): Evidence => ({
  published: PUBLISHED,
  seen: kept,
  kept,
  deadLetters: new Set(),
  books: books({ completed: kept.length }),
  worstBooks: undefined,
  lostInFailover: false,
  ...overrides,
});

describe('findingsOf', () => {
  it('finds nothing where every frame has its result', () => {
    const found = findingsOf(evidence(PUBLISHED.map((number) => result(number))));
    expect(found).toEqual({
      ...{ published: 3, completed: 3, deadLettered: 0, unaccounted: 0, duplicates: 0 },
      ...{ faults: [], notes: [] },
    });
  });

  it('finds a frame without a result, though the books balance', () => {
    const found = findingsOf(evidence([result(1), result(2)]));
    expect(found).toMatchObject({ completed: 2, unaccounted: 1 });
    expect(found.faults).toContain('1 frames are neither done nor dead letters: frame-3');
  });

  it('finds frames that the books miss, though every frame has its result', () => {
    const kept = PUBLISHED.map((number) => result(number));
    expect(findingsOf(evidence(kept, { books: books({ unaccounted: 2 }) })).unaccounted).toBe(2);
  });

  it('finds books that did not balance for a moment', () => {
    const kept = PUBLISHED.map((number) => result(number));
    const found = findingsOf(evidence(kept, { worstBooks: books({ unaccounted: 1 }) }));
    expect(found.unaccounted).toBe(1);
    expect(found.faults[0]).toContain('did not balance meanwhile');
  });

  it('finds two results for one frame and capability', () => {
    const found = findingsOf(evidence([...PUBLISHED, 2].map((number) => result(number))));
    expect(found.duplicates).toBe(1);
    expect(found.faults).toContain('two results in the stream: frame-2 look');
  });

  it('takes two results for two capabilities as one frame that is done', () => {
    const kept = [result(10, 'look'), result(10, 'look_twice')];
    const found = findingsOf(
      evidence(kept, { published: [10], books: books({ captured: 1, completed: 2 }) }),
    );
    expect(found).toMatchObject({ completed: 1, duplicates: 0, faults: [] });
  });

  it('takes a frame with one of its two results as unaccounted', () => {
    const found = findingsOf(evidence([result(10, 'look')], { published: [10] }));
    expect(found.unaccounted).toBe(1);
  });

  it('counts a dead letter as accounted for, and as a fault of a suite whose frames can all be done', () => {
    const found = findingsOf(evidence([result(1), result(2)], { deadLetters: new Set(['frame-3']) }));
    expect(found).toMatchObject({ deadLettered: 1, unaccounted: 0, faults: ['1 dead letters'] });
  });

  it('finds a result of a frame that nobody published', () => {
    const found = findingsOf(evidence([1, 2, 3, 4].map((number) => result(number))));
    expect(found.faults).toContain('1 results of frames nobody published: frame-4 look');
  });

  const [first, second, third, again] = [result(1), result(2), result(3), result(3)];
  const rolledBack = { seen: [first, second, third, again], kept: [first, second, again] };

  it('explains results that a failover took away and that came again', () => {
    const found = findingsOf(evidence(rolledBack.kept, { ...rolledBack, lostInFailover: true }));
    expect(found).toMatchObject({ completed: 3, duplicates: 1, faults: [] });
    expect(found.notes[0]).toContain('1 results that had been read are gone, 1 of them came again');
  });

  it('finds them a fault where there was no failover', () => {
    expect(findingsOf(evidence(rolledBack.kept, rolledBack)).faults).toHaveLength(1);
  });
});
