import { LinkedList } from './linked-list.ts';
import type { WaitingItem } from './waiting-item.ts';

interface Lane<T> {
  readonly key: string;
  /** One for each class. */
  readonly lists: readonly LinkedList<WaitingItem<T>>[];
  size: number;
  isOpen: boolean;
}

/** Items that stand beside the line of their class, by what keeps them from being served; those of a closed lane don't come up. */
export class Lanes<T> {
  readonly #classes: number;
  readonly #lanes = new Map<string, Lane<T>>();
  readonly #open = new Set<Lane<T>>();
  /** Whose list it is. */
  readonly #owners = new Map<object, Lane<T>>();
  /** How many lanes have something in them. */
  count = 0;
  /** Items in closed lanes. */
  blocked = 0;

  constructor(classes: number) {
    this.#classes = classes;
  }

  /** Whether there is one, and it is closed. */
  isClosed(key: string): boolean {
    return this.#lanes.get(key)?.isOpen === false;
  }

  /** Of one lane. */
  size(key: string): number {
    return this.#lanes.get(key)?.size ?? 0;
  }

  keys(): Iterable<string> {
    return this.#lanes.keys();
  }

  /** Puts an item where its order says, and closes the lane. @param waiting one that lies in no list */
  add(waiting: WaitingItem<T>, index: number, key: string): void {
    const lane = this.#lanes.get(key) ?? this.#create(key);
    if (lane.isOpen) {
      lane.isOpen = false;
      this.#open.delete(lane);
      this.blocked += lane.size;
    }
    const list = lane.lists[index] as LinkedList<WaitingItem<T>>;
    let next = list.first && waiting.order < list.first.order ? list.first : undefined;
    if (!next) {
      let before = list.last;
      while (before && before.order > waiting.order) [next, before] = [before, before.before];
    }
    list.insertBefore(waiting, next);
    lane.size++;
    this.blocked++;
  }

  /** @returns whether it was in a lane */
  leave(waiting: WaitingItem<T>): boolean {
    const lane = waiting.list && this.#owners.get(waiting.list);
    if (!lane) return false;
    (waiting.list as LinkedList<WaitingItem<T>>).delete(waiting);
    lane.size--;
    if (!lane.isOpen) this.blocked--;
    if (lane.size === 0) this.#drop(lane);
    return true;
  }

  has(waiting: WaitingItem<T>): boolean {
    return waiting.list !== undefined && this.#owners.has(waiting.list);
  }

  open(key: string): void {
    const lane = this.#lanes.get(key);
    if (!lane || lane.isOpen) return;
    lane.isOpen = true;
    this.#open.add(lane);
    this.blocked -= lane.size;
  }

  /** The first of a class in an open lane that goes before this one. */
  front(index: number, other: WaitingItem<T> | undefined): WaitingItem<T> | undefined {
    return this.#first(this.#open, index, other);
  }

  /** The first of a class in any lane that goes before this one. */
  first(index: number, other: WaitingItem<T> | undefined): WaitingItem<T> | undefined {
    return this.#first(this.#lanes.values(), index, other);
  }

  /** Those of a class, of all lanes or of one, in their order. */
  in(index: number, key?: string): WaitingItem<T>[] {
    const found: WaitingItem<T>[] = [];
    for (const lane of this.#lanes.values()) {
      if (key !== undefined && lane.key !== key) continue;
      for (let waiting = lane.lists[index]?.first; waiting; waiting = waiting.after) found.push(waiting);
    }
    return found.sort((a, b) => a.order - b.order);
  }

  #first(
    lanes: Iterable<Lane<T>>,
    index: number,
    other: WaitingItem<T> | undefined,
  ): WaitingItem<T> | undefined {
    let found = other;
    for (const { lists } of lanes) {
      const first = lists[index]?.first;
      if (first && (!found || first.order < found.order)) found = first;
    }
    return found;
  }

  #create(key: string): Lane<T> {
    const lists = Array.from({ length: this.#classes }, () => new LinkedList<WaitingItem<T>>());
    const lane = { key, lists, size: 0, isOpen: false };
    this.#lanes.set(key, lane);
    this.count++;
    for (const list of lists) this.#owners.set(list, lane);
    return lane;
  }

  #drop(lane: Lane<T>): void {
    this.#lanes.delete(lane.key);
    this.count--;
    this.#open.delete(lane);
    for (const list of lane.lists) this.#owners.delete(list);
  }
}
