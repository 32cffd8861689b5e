import { median, quantile } from '../median.ts';

/** What one thing costs beside another, from pairs that were measured one right after the other. */
export interface PairedCost {
  /** The share of the time (or of the rate) that it takes: 0.1 is a tenth. The median of the pairs. */
  readonly costRatio: number;
  /** A quarter of the pairs is below, a quarter above. */
  readonly lowRatio: number;
  readonly highRatio: number;
}

/** @param spent time for each frame with it @param without the same without it, pair by pair */
export function pairedCost(spent: readonly number[], without: readonly number[]): PairedCost {
  const ratios = spent.map((time, pair) => 1 - (without[pair] ?? Number.NaN) / time);
  return { costRatio: median(ratios), lowRatio: quantile(ratios, 0.25), highRatio: quantile(ratios, 0.75) };
}

/** Who goes first in each pair: A B, B A, A B, ... so that a machine that grows slower, or faster, favours nobody. */
export const firstOf = (pair: number): 'with' | 'without' => (pair % 2 === 0 ? 'with' : 'without');
