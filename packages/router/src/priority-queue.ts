import { DeadlineWheel } from './deadline-wheel.ts';
import { Lanes } from './lanes.ts';
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
 *
 * What can't be served now is set aside in a lane, named by what keeps it: while the lane is closed the others pass it; in an open one it has
 * its old turn. Where nothing is set aside that costs next to nothing; open lanes are looked at one by one.
 */
export interface PriorityQueue<T> {
  readonly size: number;
  /** Items that could come up: all but those in closed lanes. */
  readonly available: number;
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
  /** The same with its place, which can be set aside. */
  take(): Place<T> | undefined;
  /** Closes a lane and puts what was taken last into it. It costs its class nothing, and the place stays the same. */
  setAside(place: Place<T>, lane: string): void;
  /** Lanes that have something in them. */
  lanes(): Iterable<string>;
  laneCount(): number;
  /** Items in one lane; where none is named, outside of all. */
  sizeOf(lane?: string): number;
  /** Whether something stands in it and doesn't come up. */
  isClosed(lane: string): boolean;
  /** What is in it comes up again when it is its turn. */
  open(lane: string): void;
  /** All that was set aside stands in line again, where it stood. */
  rejoin(): void;
  /** One of those whose deadline is over, for each call; undefined when there are no more of them. */
  takeExpired(): T | undefined;
  /** Whether it still waits. */
  has(place: Place<T>): boolean;
  /** @returns whether it still waited */
  remove(place: Place<T>): boolean;
  /**
   * Another item takes this one's turn: its place, its class, and the time it has waited. It isn't set aside for what kept the first one.
   * @returns whether it still waited
   */
  replace(place: Place<T>, item: T, deadlineMs?: number): boolean;
  /** The first of the lowest class that has something: the one to give up, where one must be. */
  lowest(): Place<T> | undefined;
  /** When the first of those in front of their classes began to wait; undefined where none does. */
  oldestSinceMs(): number | undefined;
  /** Name and number of waiting items, for each class. */
  sizes(): [name: string, size: number][];
  /** Those in one lane, or outside of all, class by class, in their order. */
  inLane(lane?: string): IterableIterator<Place<T>>;
  /** All that wait, class by class, in their order. */
  [Symbol.iterator](): IterableIterator<Place<T>>;
}

interface ClassState<T> {
  readonly index: number;
  readonly name: string;
  readonly from: number;
  readonly weight: number;
  readonly limit: number;
  readonly waiting: LinkedList<WaitingItem<T>>;
  /** With those that are set aside. */
  size: number;
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
  readonly #lanes: Lanes<T>;
  #size = 0;
  /** Of the last one that came. */
  #order = 0;
  /** Dispatches since the last escape, or since nothing was found to be due for one. */
  #sinceLook = 0;
  /** Whether the last one that was taken escaped. */
  #escaped = false;

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.#classes = options.classes.map(
      ({ name, from, weight, limit = Number.POSITIVE_INFINITY }, index) => ({
        index,
        name,
        from,
        weight,
        limit,
        waiting: new LinkedList<WaitingItem<T>>(),
        size: 0,
        deficit: weight,
      }),
    );
    this.#lanes = new Lanes(this.#classes.length);
  }

  get size(): number {
    return this.#size;
  }

  get available(): number {
    return this.#size - this.#lanes.blocked;
  }

  push(
    item: T,
    priority: number,
    sinceMs: number = this.#options.clock(),
    deadlineMs: number = Number.POSITIVE_INFINITY,
  ): Place<T> | undefined {
    const state = this.#classOf(priority);
    if (state.size >= state.limit) {
      this.#expire();
      if (state.size >= state.limit) return undefined;
    }
    const waiting = new WaitingItem(item, priority, ++this.#order, sinceMs, deadlineMs);
    state.waiting.append(waiting);
    this.#enter(waiting, state);
    return waiting;
  }

  putBack(
    item: T,
    priority: number,
    sinceMs: number,
    deadlineMs: number = Number.POSITIVE_INFINITY,
  ): Place<T> {
    const state = this.#classOf(priority);
    const front = this.#lanes.first(state.index, state.waiting.first);
    const order = (front?.order ?? this.#order + 1) - 1;
    const waiting = new WaitingItem(item, priority, order, sinceMs, deadlineMs);
    state.waiting.prepend(waiting);
    this.#enter(waiting, state);
    state.deficit = Math.min(state.deficit + 1, state.weight);
    return waiting;
  }

  pop(): T | undefined {
    return this.take()?.item;
  }

  take(): Place<T> | undefined {
    while (this.#size > this.#lanes.blocked) {
      const escaped = this.#aged();
      const state = escaped ?? this.#turn();
      const waiting = (this.#lanes.count === 0 ? state.waiting.first : this.#front(state)) as WaitingItem<T>;
      if (waiting.deadlineMs < Number.POSITIVE_INFINITY && this.#isOver(waiting)) continue;
      this.#escaped = escaped !== undefined;
      if (escaped) this.#sinceLook = 0;
      else {
        this.#sinceLook++;
        state.deficit--;
      }
      this.#leave(waiting, state);
      return waiting;
    }
    return undefined;
  }

  setAside(place: Place<T>, lane: string): void {
    const waiting = place as WaitingItem<T>;
    const state = this.#classOf(waiting.priority);
    this.#lanes.add(waiting, state.index, lane);
    this.#enter(waiting, state);
    if (this.#escaped) this.#sinceLook = this.#options.agedEvery - 1;
    else {
      this.#sinceLook = Math.max(0, this.#sinceLook - 1);
      state.deficit = Math.min(state.deficit + 1, state.weight);
    }
  }

  lanes(): Iterable<string> {
    return this.#lanes.keys();
  }

  laneCount(): number {
    return this.#lanes.count;
  }

  sizeOf(lane?: string): number {
    if (lane !== undefined) return this.#lanes.size(lane);
    let size = 0;
    for (const { waiting } of this.#classes) size += waiting.size;
    return size;
  }

  isClosed(lane: string): boolean {
    return this.#lanes.isClosed(lane);
  }

  open(lane: string): void {
    this.#lanes.open(lane);
  }

  rejoin(): void {
    for (const { index, waiting: line } of this.#classes) {
      let next = line.first;
      for (const waiting of this.#lanes.in(index)) {
        this.#lanes.leave(waiting);
        while (next && next.order <= waiting.order) next = next.after;
        line.insertBefore(waiting, next);
      }
    }
  }

  has(place: Place<T>): boolean {
    return this.#holds(place as WaitingItem<T>);
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
    if (!this.#lanes.leave(waiting)) return true;
    const line = this.#classOf(waiting.priority).waiting;
    let next = line.first;
    while (next && next.order <= waiting.order) next = next.after;
    line.insertBefore(waiting, next);
    return true;
  }

  lowest(): Place<T> | undefined {
    const state = this.#classes.findLast(({ size }) => size > 0);
    return state && this.#lanes.first(state.index, state.waiting.first);
  }

  oldestSinceMs(): number | undefined {
    let sinceMs: number | undefined;
    for (const { index, waiting } of this.#classes) {
      const first = this.#lanes.first(index, waiting.first);
      if (first && !(sinceMs !== undefined && sinceMs <= first.sinceMs)) ({ sinceMs } = first);
    }
    return sinceMs;
  }

  sizes(): [name: string, size: number][] {
    return this.#classes.map(({ name, size }) => [name, size]);
  }

  *inLane(lane?: string): IterableIterator<Place<T>> {
    for (const { index, waiting } of this.#classes) {
      if (lane !== undefined) yield* this.#lanes.in(index, lane);
      else for (let place = waiting.first; place; place = place.after) yield place;
    }
  }

  *[Symbol.iterator](): IterableIterator<Place<T>> {
    for (const { index, waiting } of this.#classes) {
      const aside = this.#lanes.in(index);
      let i = 0;
      for (let place = waiting.first; place; place = place.after) {
        for (; (aside[i]?.order ?? Infinity) < place.order; i++) yield aside[i] as Place<T>;
        yield place;
      }
      yield* aside.slice(i);
    }
  }

  #classOf(priority: number): ClassState<T> {
    for (const state of this.#classes) if (priority >= state.from) return state;
    return this.#classes.at(-1) as ClassState<T>;
  }

  #holds(waiting: WaitingItem<T>): boolean {
    return waiting.list === this.#classOf(waiting.priority).waiting || this.#lanes.has(waiting);
  }

  #enter(waiting: WaitingItem<T>, state: ClassState<T>): void {
    this.#wheel.add(waiting);
    this.#size++;
    state.size++;
  }

  #leave(waiting: WaitingItem<T>, state: ClassState<T>): void {
    if (waiting.list === state.waiting) state.waiting.delete(waiting);
    else this.#lanes.leave(waiting);
    this.#wheel.delete(waiting);
    this.#size--;
    state.size--;
  }

  /** The first of a class that could come up. */
  #front({ index, waiting }: ClassState<T>): WaitingItem<T> | undefined {
    return this.#lanes.count === 0 ? waiting.first : this.#lanes.front(index, waiting.first);
  }

  #expire(): void {
    if (this.#wheel.size === 0) return;
    this.#wheel.advance(this.#options.clock(), (waiting) => this.#giveUp(waiting));
    for (const { waiting } of this.#classes) while (waiting.first && this.#isOver(waiting.first));
  }

  /** Takes an item out of the line if its deadline is over. */
  #isOver(waiting: WaitingItem<T>): boolean {
    if (!(waiting.deadlineMs < this.#options.clock())) return false;
    this.#giveUp(waiting);
    return true;
  }

  #giveUp(waiting: WaitingItem<T>): void {
    this.#leave(waiting, this.#classOf(waiting.priority));
    this.#expired.append(waiting);
  }

  #oldest(): ClassState<T> | undefined {
    let found: ClassState<T> | undefined;
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const state of this.#classes) {
      const first = this.#front(state);
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
    for (const state of this.#classes) {
      const front = this.#front(state);
      if (front && front.sinceMs > nowMs) front.sinceMs = nowMs;
    }
    const state = this.#oldest();
    const oldest = state && this.#front(state);
    if (oldest && nowMs - oldest.sinceMs > agedAfterMs) return state;
    this.#sinceLook = 0;
    return undefined;
  }

  /**
   * The highest class that has something and a part of its share left; when there is none, a new round begins. In a round every class has
   * its share and no more: what an empty one leaves is lost at the end of the round, which it doesn't hold up.
   */
  #turn(): ClassState<T> {
    const hasLanes = this.#lanes.count > 0;
    for (;;) {
      for (const state of this.#classes)
        if (state.deficit > 0 && (state.waiting.size > 0 || (hasLanes && this.#front(state)))) return state;
      for (const state of this.#classes) state.deficit = state.weight;
    }
  }
}
