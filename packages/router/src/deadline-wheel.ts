import type { WaitingItem } from './waiting-item.ts';

/** No deadline is noticed later than by one tick; finer ones cost more looks at empty ticks. */
const TICK_MS = 16;
/** A round of 4 s: most deadlines lie within, the others are looked at once in each round. */
const TICKS = 256;

/**
 * Finds items whose deadline is over: a hashed timing wheel (Varghese and Lauck, 1987), so that adding, leaving and finding one are O(1)
 * amortised. Knows no clock: it goes on when it is told the time.
 */
export class DeadlineWheel<T> {
  readonly #ticks: Set<WaitingItem<T>>[] = Array.from({ length: TICKS }, () => new Set());
  /** The last tick that is over and was looked at. */
  #done = Number.NEGATIVE_INFINITY;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What has no deadline isn't added. */
  add(waiting: WaitingItem<T>): void {
    if (!Number.isFinite(waiting.deadlineMs)) return;
    waiting.tick = Math.max(Math.floor(waiting.deadlineMs / TICK_MS), this.#done + 1);
    this.#at(waiting.tick).add(waiting);
    this.#size++;
  }

  delete(waiting: WaitingItem<T>): void {
    if (waiting.tick === undefined) return;
    this.#at(waiting.tick).delete(waiting);
    waiting.tick = undefined;
    this.#size--;
  }

  /** Takes out all whose deadline has been over for a tick. */
  advance(nowMs: number, onExpired: (waiting: WaitingItem<T>) => void): void {
    const last = Math.floor(nowMs / TICK_MS) - 1;
    const first = Math.max(this.#done + 1, last - TICKS + 1);
    // Backwards too: after a clock stepped back, the ticks come by again.
    this.#done = last;
    if (this.#size === 0) return;
    for (let tick = first; tick <= last; tick++) {
      for (const waiting of this.#at(tick)) {
        if (waiting.deadlineMs >= nowMs) continue;
        this.delete(waiting);
        onExpired(waiting);
      }
    }
  }

  #at(tick: number): Set<WaitingItem<T>> {
    return this.#ticks[((tick % TICKS) + TICKS) % TICKS] as Set<WaitingItem<T>>;
  }
}
