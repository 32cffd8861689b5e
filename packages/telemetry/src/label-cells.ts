/** A node of the tree that leads from label values to their cell: one Map for each label. */
type Node<C> = Map<string, Node<C> | C>;

/** More than any metric has. */
const MAX_LABELS = 3;

/**
 * One cell for each set of label values. Finding it is one Map lookup for each label: nothing is hashed, joined or made
 * where the cell exists, not even a list of the values.
 */
export class LabelCells<C> {
  private readonly labels: readonly string[];
  private readonly create: (labels: Readonly<Record<string, string>>) => C;
  private readonly root: Node<C> = new Map();
  private readonly only: C | undefined;

  constructor(labels: readonly string[], create: (labels: Readonly<Record<string, string>>) => C) {
    if (labels.length > MAX_LABELS) throw new RangeError(`a metric has at most ${MAX_LABELS} labels`);
    this.labels = labels;
    this.create = create;
    // What has no labels is known from the start: its count is 0, not unknown.
    if (labels.length === 0) this.only = create({});
  }

  /** The values of the labels, in their order. */
  at(first = '', second = '', third = ''): C {
    if (this.only !== undefined) return this.only;
    let found = this.root.get(first);
    if (this.labels.length > 1) found = (found as Node<C> | undefined)?.get(second);
    if (this.labels.length > 2) found = (found as Node<C> | undefined)?.get(third);
    return (found as C | undefined) ?? this.make([first, second, third].slice(0, this.labels.length));
  }

  private make(values: readonly string[]): C {
    let node = this.root;
    for (const value of values.slice(0, -1)) {
      let next = node.get(value) as Node<C> | undefined;
      if (!next) node.set(value, (next = new Map()));
      node = next;
    }
    const cell = this.create(Object.fromEntries(this.labels.map((label, i) => [label, values[i] as string])));
    node.set(values.at(-1) as string, cell);
    return cell;
  }

  /** Forgets all cells whose first label has this value. @returns those cells */
  remove(first: string): C[] {
    const node = this.root.get(first);
    if (node === undefined) return [];
    this.root.delete(first);
    return this.labels.length === 1 ? [node as C] : [...cellsUnder(node as Node<C>, this.labels.length - 1)];
  }

  *all(): Iterable<C> {
    if (this.only !== undefined) yield this.only;
    else yield* cellsUnder(this.root, this.labels.length);
  }
}

function* cellsUnder<C>(node: Node<C>, depth: number): Iterable<C> {
  for (const next of node.values()) {
    if (depth === 1) yield next as C;
    else yield* cellsUnder(next as Node<C>, depth - 1);
  }
}

/** Keeps the number of values of a label within a bound: the first ones keep their name, all others are `other`. */
export class BoundedLabel {
  private readonly known = new Set<string>();
  private readonly maxValues: number;

  constructor(maxValues: number) {
    this.maxValues = maxValues;
  }

  of(value: string): string {
    if (this.known.has(value)) return value;
    if (this.known.size >= this.maxValues) return OTHER;
    this.known.add(value);
    return value;
  }
}

export const OTHER = 'other';
