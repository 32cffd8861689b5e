import { Counter, type Registry } from 'prom-client';
import { LabelCells } from './label-cells.ts';
import { Leavers } from './leavers.ts';
import type { MetricSpec } from './metric-names.ts';

interface Cell {
  readonly labels: Readonly<Record<string, string>>;
  /** Counted since the last scrape. */
  pending: number;
  /** Whether prom-client knows the series; a count of 0 makes it known too. */
  known: boolean;
}

/** A counter whose hot path is a Map lookup and an addition: prom-client, which hashes labels, hears of it at the scrape. */
export class BatchedCounter {
  private readonly cells: LabelCells<Cell>;
  private readonly leavers = new Leavers();

  constructor(spec: MetricSpec, register: Registry, labels: readonly string[] = spec.labels) {
    this.cells = new LabelCells(labels, (of) => ({ labels: of, pending: 0, known: false }));
    const flush = (counter: Counter): void => this.flush(counter);
    new Counter({
      name: spec.name,
      help: spec.help,
      labelNames: [...labels],
      registers: [register],
      collect() {
        flush(this);
      },
    });
  }

  /**
   * @param count 0 or more; 0 only makes the series visible. Anything else is ignored: counting must never stop a frame.
   * The values of the labels follow, in their order.
   */
  add(count: number, first?: string, second?: string, third?: string): void {
    if (!(count >= 0 && count < Infinity)) return;
    if (first !== undefined) this.leavers.stays(first);
    this.cells.at(first, second, third).pending += count;
  }

  /** The series whose first label has this value disappear, once their last counts were scraped. */
  forget(first: string): void {
    this.leavers.leave(first);
  }

  private flush(counter: Counter): void {
    for (const first of this.leavers.scraped()) {
      for (const { labels } of this.cells.remove(first)) counter.remove({ ...labels });
    }
    for (const cell of this.cells.all()) {
      if (cell.known && cell.pending === 0) continue;
      counter.inc({ ...cell.labels }, cell.pending);
      cell.pending = 0;
      cell.known = true;
    }
  }
}
