import { median } from '../median.ts';

/** Long enough for the compiler to be done. */
const WARM_UP_SHARE = 0.25;
/** The median of so many runs: a garbage collection or a neighbour spoils one. */
const RUNS = 5;

/**
 * The mean time of one step of work that is too short to be timed alone.
 * @param work does `steps` steps
 * @returns ns
 */
export function meanNs(steps: number, work: (steps: number) => void): number {
  work(Math.ceil(steps * WARM_UP_SHARE));
  const runs = Array.from({ length: RUNS }, () => {
    const startNs = process.hrtime.bigint();
    work(steps);
    return Number(process.hrtime.bigint() - startNs) / steps;
  });
  return median(runs);
}
