import { Counter, Gauge, type Registry } from 'prom-client';
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
        this.set(labelsOf(spec, values), figure ?? Number.NaN);
      }
    },
  });
}

/**
 * Counters that are kept elsewhere, with their totals as they are there: a restart of this process doesn't begin them anew. A
 * reading that fails, or a total that isn't known, shows nothing.
 */
export function scrapedCounters(spec: MetricSpec, register: Registry, read: ReadFigures): void {
  new Counter({
    name: spec.name,
    help: spec.help,
    labelNames: [...spec.labels],
    registers: [register],
    collect() {
      this.reset();
      for (const [values, total] of attempt(() => [...read()]) ?? []) {
        if (total === undefined || !(total >= 0)) continue;
        this.inc(labelsOf(spec, values), total);
      }
    },
  });
}

const labelsOf = (spec: MetricSpec, values: readonly string[]): Record<string, string> =>
  Object.fromEntries(spec.labels.map((label, i) => [label, values[i] ?? '']));

/** One source that throws must not cost the operator all the other figures. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
