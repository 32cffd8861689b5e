import type { Linked } from './linked-list.ts';

/** An item that waits in a queue. */
export interface WaitingItem<T> extends Linked<WaitingItem<T>> {
  item: T;
  readonly priority: number;
  sinceMs: number;
  /** Infinity where it has none. */
  deadlineMs: number;
  /** Where it is in the wheel of deadlines, if it is. */
  tick: number | undefined;
}

export function waitingItem<T>(
  item: T,
  priority: number,
  sinceMs: number,
  deadlineMs: number,
): WaitingItem<T> {
  return {
    item,
    priority,
    sinceMs,
    deadlineMs,
    tick: undefined,
    list: undefined,
    before: undefined,
    after: undefined,
  };
}
