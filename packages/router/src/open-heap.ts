import type { Candidate } from './processor.ts';

/** Whether a goes before b. */
export type Before = (a: Candidate, b: Candidate) => boolean;

/**
 * The candidates of a pool that can take a frame now: a binary heap with the position of each (an indexed priority queue), so that
 * the first is found at once and a change costs O(log n).
 */
export class OpenHeap {
  readonly #items: Candidate[] = [];
  /** By the candidates' slots; -1 for those that are not in it. */
  readonly #positions: number[] = [];
  readonly #before: Before;

  constructor(before: Before) {
    this.#before = before;
  }

  get size(): number {
    return this.#items.length;
  }

  first(): Candidate | undefined {
    return this.#items[0];
  }

  /** In no order that means anything; `index` below `size`. */
  at(index: number): Candidate {
    return this.#items[index] as Candidate;
  }

  has(candidate: Candidate): boolean {
    return this.#positionOf(candidate) >= 0;
  }

  /** Puts it in, or moves it to where its rank has moved. */
  update(candidate: Candidate): void {
    let position = this.#positionOf(candidate);
    if (position < 0) {
      position = this.#items.length;
      this.#place(candidate, position);
    }
    this.#down(this.#up(position));
  }

  delete(candidate: Candidate): void {
    const position = this.#positionOf(candidate);
    if (position < 0) return;
    const last = this.#items.pop() as Candidate;
    this.#positions[candidate.slot] = -1;
    if (last === candidate) return;
    this.#place(last, position);
    this.#down(this.#up(position));
  }

  /** The first that fits. Looks at none that comes after one that fits, so the fewer don't fit, the faster. */
  firstWhere(fits: (candidate: Candidate) => boolean): Candidate | undefined {
    let found: Candidate | undefined;
    const look = (position: number): void => {
      if (position >= this.#items.length) return;
      const candidate = this.at(position);
      if (found && !this.#before(candidate, found)) return;
      if (fits(candidate)) found = candidate;
      else {
        look(2 * position + 1);
        look(2 * position + 2);
      }
    };
    look(0);
    return found;
  }

  #positionOf(candidate: Candidate): number {
    return this.#positions[candidate.slot] ?? -1;
  }

  /** Moves the candidate at this position forwards to where it belongs. */
  #up(start: number): number {
    const moving = this.at(start);
    let position = start;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.#before(moving, this.at(parent))) break;
      this.#place(this.at(parent), position);
      position = parent;
    }
    if (position !== start) this.#place(moving, position);
    return position;
  }

  #down(start: number): void {
    const moving = this.at(start);
    const { length } = this.#items;
    let position = start;
    for (;;) {
      const left = 2 * position + 1;
      if (left >= length) break;
      const right = left + 1;
      const child = right < length && this.#before(this.at(right), this.at(left)) ? right : left;
      if (!this.#before(this.at(child), moving)) break;
      this.#place(this.at(child), position);
      position = child;
    }
    if (position !== start) this.#place(moving, position);
  }

  #place(candidate: Candidate, position: number): void {
    this.#items[position] = candidate;
    this.#positions[candidate.slot] = position;
  }
}
