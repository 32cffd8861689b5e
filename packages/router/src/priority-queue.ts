import { DeadlineWheel } from './deadline-wheel.ts';
import { LinkedList } from './linked-list.ts';
import { type CheckedOptions, checkedOptions, type PriorityQueueOptions } from './priority-classes.ts';
import { WaitingItem } from './waiting-item.ts';

/** An item's place in the queue: what `push` gives, and `remove` and `replace` take. */
export interface Place<T> {
  readonly item: T;
  readonly priority: number;
  /** When it began to wait, ms of the queue's clock. */
  readonly sinceMs: number;
  /** When it is of no more use, ms of the queue's clock; Infinity: never. */
  readonly deadlineMs: number;
}

/**
 * Items that wait, by priority class: deficit round robin between the classes that have something (Shreedhar and Varghese, 1995; all items
 * cost one), and an aged escape, so that nothing waits for ever. Within a class first come, first served. O(classes) both ways.
 */
export interface PriorityQueue<T> {
  readonly size: number;
  /**
   * @param priority decides the class
   * @param sinceMs when it began to wait, now if it isn't given
   * @param deadlineMs when it is of no more use, never if it isn't given
   * @returns its place; undefined where its class is full, and nothing was changed
   */
  push(item: T, priority: number, sinceMs?: number, deadlineMs?: number): Place<T> | undefined;
  /** Puts an item that was taken out back in front of its class, even of a full one. It costs its class nothing. */
  putBack(item: T, priority: number, sinceMs: number, deadlineMs?: number): Place<T>;
  /** The item whose turn it is, never one whose deadline is over. */
  pop(): T | undefined;
  /** One of those whose deadline is over, for each call; undefined when there are no more of them. */
  takeExpired(): T | undefined;
  /** @returns whether it still waited */
  remove(place: Place<T>): boolean;
  /**
   * Another item takes this one's turn: its place, its class, and the time it has waited.
   * @returns whether it still waited
   */
  replace(place: Place<T>, item: T, deadlineMs?: number): boolean;
  /** The first of the lowest class that has something: the one to give up, where one must be. */
  lowest(): Place<T> | undefined;
  /** When the first of those in front of their classes began to wait; undefined where none does. */
  oldestSinceMs(): number | undefined;
  /** Name and number of waiting items, for each class. */
  sizes(): [name: string, size: number][];
  /** All that wait, class by class, in their order. */
  [Symbol.iterator](): IterableIterator<Place<T>>;
}

interface ClassState<T> {
  readonly name: string;
  readonly from: number;
  readonly weight: number;
  readonly limit: number;
  readonly waiting: LinkedList<WaitingItem<T>>;
  /** Dispatches left in this round. */
  deficit: number;
}

/** @throws RangeError for classes or figures that make no sense */
export function createPriorityQueue<T>(given: Partial<PriorityQueueOptions> = {}): PriorityQueue<T> {
  return new ClassQueue<T>(checkedOptions(given));
}

class ClassQueue<T> implements PriorityQueue<T> {
  readonly #options: CheckedOptions;
  /** The highest first. */
  readonly #classes: readonly ClassState<T>[];
  readonly #wheel = new DeadlineWheel<T>();
  readonly #expired = new LinkedList<WaitingItem<T>>();
  #size = 0;
  /** Dispatches since the last escape, or since nothing was found to be due for one. */
  #sinceLook = 0;

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.#classes = options.classes.map(({ name, from, weight, limit = Number.POSITIVE_INFINITY }) => ({
      name,
      from,
      weight,
      limit,
      waiting: new LinkedList<WaitingItem<T>>(),
      deficit: weight,
    }));
  }

  get size(): number {
    return this.#size;
  }

  push(
    item: T,
    priority: number,
    sinceMs: number = this.#options.clock(),
    deadlineMs: number = Number.POSITIVE_INFINITY,
  ): Place<T> | undefined {
    const state = this.#classOf(priority);
    if (state.waiting.size >= state.limit) {
      this.#expire();
      if (state.waiting.size >= state.limit) return undefined;
    }
    const waiting = new WaitingItem(item, priority, sinceMs, deadlineMs);
    state.waiting.append(waiting);
    this.#wheel.add(waiting);
    this.#size++;
    return waiting;
  }

  putBack(
    item: T,
    priority: number,
    sinceMs: number,
    deadlineMs: number = Number.POSITIVE_INFINITY,
  ): Place<T> {
    const state = this.#classOf(priority);
    const waiting = new WaitingItem(item, priority, sinceMs, deadlineMs);
    state.waiting.prepend(waiting);
    this.#wheel.add(waiting);
    state.deficit = Math.min(state.deficit + 1, state.weight);
    this.#size++;
    return waiting;
  }

  pop(): T | undefined {
    while (this.#size > 0) {
      const escaped = this.#aged();
      const state = escaped ?? this.#turn();
      const waiting = state.waiting.first as WaitingItem<T>;
      if (waiting.deadlineMs < Number.POSITIVE_INFINITY && this.#isOver(waiting)) continue;
      if (escaped) this.#sinceLook = 0;
      else {
        this.#sinceLook++;
        state.deficit--;
      }
      this.#leave(waiting, state);
      return waiting.item;
    }
    return undefined;
  }

  takeExpired(): T | undefined {
    this.#expire();
    const { first } = this.#expired;
    if (first) this.#expired.delete(first);
    return first?.item;
  }

  remove(place: Place<T>): boolean {
    const waiting = place as WaitingItem<T>;
    if (!this.#holds(waiting)) return false;
    this.#leave(waiting, this.#classOf(waiting.priority));
    return true;
  }

  replace(place: Place<T>, item: T, deadlineMs: number = Number.POSITIVE_INFINITY): boolean {
    const waiting = place as WaitingItem<T>;
    if (!this.#holds(waiting)) return false;
    this.#wheel.delete(waiting);
    waiting.item = item;
    waiting.deadlineMs = deadlineMs;
    this.#wheel.add(waiting);
    return true;
  }

  lowest(): Place<T> | undefined {
    return this.#classes.findLast(({ waiting }) => waiting.size > 0)?.waiting.first;
  }

  oldestSinceMs(): number | undefined {
    return this.#oldest()?.waiting.first?.sinceMs;
  }

  sizes(): [name: string, size: number][] {
    return this.#classes.map(({ name, waiting }) => [name, waiting.size]);
  }

  *[Symbol.iterator](): IterableIterator<Place<T>> {
    for (const { waiting } of this.#classes) {
      for (let place = waiting.first; place; place = place.after) yield place;
    }
  }

  #classOf(priority: number): ClassState<T> {
    for (const state of this.#classes) if (priority >= state.from) return state;
    return this.#classes.at(-1) as ClassState<T>;
  }

  #holds({ list, priority }: WaitingItem<T>): boolean {
    return list === this.#classOf(priority).waiting;
  }

  #leave(waiting: WaitingItem<T>, state: ClassState<T>): void {
    state.waiting.delete(waiting);
    this.#wheel.delete(waiting);
    this.#size--;
  }

  #expire(): void {
    if (this.#wheel.size === 0) return;
    this.#wheel.advance(this.#options.clock(), (waiting) => this.#setAside(waiting));
    for (const { waiting } of this.#classes) while (waiting.first && this.#isOver(waiting.first));
  }

  /** Sets an item aside if its deadline is over. */
  #isOver(waiting: WaitingItem<T>): boolean {
    if (!(waiting.deadlineMs < this.#options.clock())) return false;
    this.#setAside(waiting);
    return true;
  }

  #setAside(waiting: WaitingItem<T>): void {
    this.#leave(waiting, this.#classOf(waiting.priority));
    this.#expired.append(waiting);
  }

  #oldest(): ClassState<T> | undefined {
    let found: ClassState<T> | undefined;
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const state of this.#classes) {
      const { first } = state.waiting;
      if (first && (!found || first.sinceMs < sinceMs)) {
        found = state;
        sinceMs = first.sinceMs;
      }
    }
    return found;
  }

  /**
   * The class whose first item is due for an escape. After a look that finds none the next `agedEvery - 2` dispatches go without one: to read
   * the clock takes as long as all the rest.
   */
  #aged(): ClassState<T> | undefined {
    const { agedEvery, agedAfterMs, clock } = this.#options;
    if (this.#sinceLook < agedEvery - 1) return undefined;
    const nowMs = clock();
    // After a clock stepped back an item would seem to come from the future, and wait for it.
    for (const { waiting } of this.#classes) {
      if (waiting.first && waiting.first.sinceMs > nowMs) waiting.first.sinceMs = nowMs;
    }
    const state = this.#oldest();
    if (state?.waiting.first && nowMs - state.waiting.first.sinceMs > agedAfterMs) return state;
    this.#sinceLook = 0;
    return undefined;
  }

  /**
   * The highest class that has something and a part of its share left; when there is none, a new round begins. In a round every class has
   * its share and no more: what an empty one leaves is lost at the end of the round, which it doesn't hold up.
   */
  #turn(): ClassState<T> {
    for (;;) {
      for (const state of this.#classes) if (state.waiting.size > 0 && state.deficit > 0) return state;
      for (const state of this.#classes) state.deficit = state.weight;
    }
  }
}
