import type { Metric, MetricObjectWithValues, MetricValue, Registry } from 'prom-client';
import { LabelCells } from './label-cells.ts';
import type { MetricSpec } from './metric-names.ts';

interface Cell {
  readonly labels: Readonly<Record<string, string>>;
  /** One for each bucket, and one beyond; not cumulative. */
  readonly counts: Float64Array;
  sum: number;
}

/**
 * A histogram for the hot path. prom-client's own checks and hashes the labels at every observation and has no way to add
 * many at once; this one adds to an array, and is a metric of prom-client's registry like any other (`get` is all it asks).
 */
export class BatchedHistogram {
  private readonly spec: MetricSpec;
  private readonly upperBounds: readonly number[];
  private readonly cells: LabelCells<Cell>;

  constructor(spec: MetricSpec, upperBounds: readonly number[], register: Registry) {
    this.spec = spec;
    this.upperBounds = upperBounds;
    this.cells = new LabelCells(spec.labels, (labels) => ({
      labels,
      counts: new Float64Array(upperBounds.length + 1),
      sum: 0,
    }));
    const metric = { name: spec.name, get: async () => this.values(), reset: () => {} };
    register.registerMetric(metric as unknown as Metric);
  }

  /**
   * @param value NaN (unknown) is not counted; below 0, as clocks of two machines give it, counts as 0
   * @param times how often it is counted
   * The values of the labels follow, in their order.
   */
  observe(value: number, times: number, first?: string, second?: string): void {
    if (Number.isNaN(value) || value === Infinity || !(times > 0)) return;
    const { upperBounds } = this;
    const cell = this.cells.at(first, second);
    const clamped = value > 0 ? value : 0;
    let bucket = 0;
    while (bucket < upperBounds.length && clamped > (upperBounds[bucket] as number)) bucket++;
    cell.counts[bucket] = (cell.counts[bucket] as number) + times;
    cell.sum += clamped * times;
  }

  private values(): MetricObjectWithValues<MetricValue<string>> {
    const { name, help } = this.spec;
    const values: (MetricValue<string> & { metricName: string })[] = [];
    for (const { labels, counts, sum } of this.cells.all()) {
      let count = 0;
      counts.forEach((inBucket, i) => {
        count += inBucket;
        const le = this.upperBounds[i] ?? '+Inf';
        values.push({ labels: { ...labels, le }, value: count, metricName: `${name}_bucket` });
      });
      values.push({ labels, value: sum, metricName: `${name}_sum` });
      values.push({ labels, value: count, metricName: `${name}_count` });
    }
    // The declared type of `type` is a numeric enum, what prom-client uses is the word.
    return { name, help, type: 'histogram', values, aggregator: 'sum' } as unknown as MetricObjectWithValues<
      MetricValue<string>
    >;
  }
}
