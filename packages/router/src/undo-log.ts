import type { Candidate } from './processor.ts';

/** Of a candidate, what changes. */
export type CandidateState = Pick<
  Candidate,
  'processor' | 'availability' | 'outstanding' | 'warmth' | 'mark'
>;

/** In each of the two lists, for each change. */
const FIELDS = 3;

/**
 * The last changes of all candidates, each with how its candidate stood before: as databases keep it for reads of the past. The state at a
 * moment is the present one with every change since undone, exact to the single decision, and no copy of a pool is ever made for it.
 *
 * Memory: `kept` changes of 48 bytes, taken once, however many processors there are; a candidate that left, and what was known of it, stay
 * as long as a change of theirs is kept. A note makes no object and takes some 15 ns.
 */
export class UndoLog {
  readonly #kept: number;
  /** Of each change its candidate, and that one's processor (undefined: it wasn't there before) and availability before. */
  readonly #things: unknown[];
  /** And its outstanding count, warmth and mark. */
  readonly #figures: Float64Array;
  #noted = 0;
  /** `#noted` modulo `#kept`. */
  #next = 0;

  /** @param kept 0: nothing is remembered */
  constructor(kept: number) {
    this.#kept = kept;
    this.#things = new Array<undefined>(kept * FIELDS);
    this.#figures = new Float64Array(kept * FIELDS);
  }

  /** The present, as a number: how many changes there have been. */
  get moment(): number {
    return this.#noted;
  }

  /** To be called before a change. @param isHere false: it is about to come */
  note(candidate: Candidate, isHere = true): void {
    if (this.#kept === 0) return;
    const at = this.#next * FIELDS;
    const things = this.#things;
    const figures = this.#figures;
    things[at] = candidate;
    things[at + 1] = isHere ? candidate.processor : undefined;
    things[at + 2] = candidate.availability;
    figures[at] = candidate.outstanding;
    figures[at + 1] = candidate.warmth;
    figures[at + 2] = candidate.mark;
    this.#noted++;
    this.#next = this.#next + 1 === this.#kept ? 0 : this.#next + 1;
  }

  /**
   * How every candidate of a moment stood in it; looks at all changes since, which takes a millisecond or two for a hundred thousand.
   * @param present those of now @returns undefined where it is forgotten, or never was
   */
  at(moment: number, present: Iterable<Candidate>): Map<Candidate, CandidateState> | undefined {
    const back = this.#noted - moment;
    if (this.#kept === 0 || !(back >= 0 && back <= this.#kept)) return undefined;
    const states = new Map<Candidate, CandidateState>();
    const seen = new Set<Candidate>();
    for (let i = 0; i < back; i++) {
      const at = ((this.#next - back + i + this.#kept) % this.#kept) * FIELDS;
      const candidate = this.#things[at] as Candidate;
      // The first change since says how it stood until then.
      if (seen.has(candidate)) continue;
      seen.add(candidate);
      const processor = this.#things[at + 1] as Candidate['processor'] | undefined;
      if (!processor) continue;
      const [outstanding = 0, warmth = 1, mark = 0] = this.#figures.subarray(at, at + FIELDS);
      const availability = this.#things[at + 2] as Candidate['availability'];
      states.set(candidate, { processor, availability, outstanding, warmth, mark });
    }
    for (const candidate of present) if (!seen.has(candidate)) states.set(candidate, candidate);
    return states;
  }
}
