import { Gauge, type Registry } from 'prom-client';
import type { MetricSpec } from './metric-names.ts';

/** Reads a figure at the moment of a scrape. What it doesn't know is undefined. */
export type ReadFigure = () => number | undefined;
/** Label values, in the order of the metric's labels, and the figure. */
export type ReadFigures = () => Iterable<readonly [labels: readonly string[], figure: number | undefined]>;

/** A gauge without labels, read at the scrape. Unknown, or a reading that fails, is NaN, never 0. */
export function scrapedGauge(spec: MetricSpec, register: Registry, read: ReadFigure): void {
  new Gauge({
    name: spec.name,
    help: spec.help,
    registers: [register],
    collect() {
      this.set(attempt(read) ?? Number.NaN);
    },
  });
}

/** A gauge with labels: only what the reading names now is shown, so what has gone disappears. A reading that fails shows nothing. */
export function scrapedGauges(spec: MetricSpec, register: Registry, read: ReadFigures): void {
  new Gauge({
    name: spec.name,
    help: spec.help,
    labelNames: [...spec.labels],
    registers: [register],
    collect() {
      this.reset();
      for (const [values, figure] of attempt(() => [...read()]) ?? []) {
        const labels = Object.fromEntries(spec.labels.map((label, i) => [label, values[i] ?? '']));
        this.set(labels, figure ?? Number.NaN);
      }
    },
  });
}

/** One source that throws must not cost the operator all the other figures. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
