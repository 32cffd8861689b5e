import type { Linked } from './linked-list.ts';

/** An item that waits in a queue. */
export class WaitingItem<T> implements Linked<WaitingItem<T>> {
  item: T;
  readonly priority: number;
  /** Of two of a class the one with the lower number goes first. */
  readonly order: number;
  sinceMs: number;
  /** Where it is in the wheel of deadlines, if it is. */
  tick: number | undefined = undefined;
  list: object | undefined = undefined;
  before: WaitingItem<T> | undefined = undefined;
  after: WaitingItem<T> | undefined = undefined;
  /** Nothing where it is endless, as most are: a number takes memory of its own. */
  #deadlineMs: number | undefined = undefined;

  constructor(item: T, priority: number, order: number, sinceMs: number, deadlineMs: number) {
    this.item = item;
    this.priority = priority;
    this.order = order;
    this.sinceMs = sinceMs;
    this.deadlineMs = deadlineMs;
  }

  /** Infinity where it has none. */
  get deadlineMs(): number {
    return this.#deadlineMs ?? Number.POSITIVE_INFINITY;
  }

  set deadlineMs(ms: number) {
    this.#deadlineMs = ms < Number.POSITIVE_INFINITY ? ms : undefined;
  }
}
