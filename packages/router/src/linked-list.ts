/** What lies in a linked list. It knows its neighbours, so that it can leave from the middle. */
export interface Linked<N> {
  /** Where it lies; undefined where it lies in none. */
  list: object | undefined;
  before: N | undefined;
  after: N | undefined;
}

/** A doubly linked list of nodes that the caller makes: O(1) at both ends and in the middle, and as large as what it holds. */
export class LinkedList<N extends Linked<N>> {
  first: N | undefined;
  last: N | undefined;
  size = 0;

  /** @param node one that lies in no list */
  append(node: N): void {
    node.list = this;
    node.before = this.last;
    if (this.last) this.last.after = node;
    else this.first = node;
    this.last = node;
    this.size++;
  }

  /** @param node one that lies in no list */
  prepend(node: N): void {
    node.list = this;
    node.after = this.first;
    if (this.first) this.first.before = node;
    else this.last = node;
    this.first = node;
    this.size++;
  }

  /** @param node one that lies in no list @param next one that lies in this list; undefined: it becomes the last */
  insertBefore(node: N, next: N | undefined): void {
    if (!next) return this.append(node);
    if (next === this.first) return this.prepend(node);
    node.list = this;
    node.before = next.before;
    node.after = next;
    if (next.before) next.before.after = node;
    next.before = node;
    this.size++;
  }

  /** Nothing happens where the node doesn't lie in this list. */
  delete(node: N): void {
    if (node.list !== this) return;
    const { before, after } = node;
    if (before) before.after = after;
    else this.first = after;
    if (after) after.before = before;
    else this.last = before;
    node.list = node.before = node.after = undefined;
    this.size--;
  }
}
