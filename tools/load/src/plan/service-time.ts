/** How long a simulated processor takes for a frame. */
export interface ServiceTime {
  readonly meanMs: number;
  readonly shape: 'constant' | 'uniform' | 'exp' | 'pareto';
}

/** `uniform` differs from its mean by so much at most: enough that processors don't work in step. */
const SPREAD = 0.1;
/** A tail index below 2: no variance of its own, as in field measurements of service times; the longest is cut off. */
const TAIL_INDEX = 1.5;
/** The longest service time of `pareto`, in shortest ones. */
const LONGEST = 1_000;
/** Mean of the bounded Pareto distribution whose shortest value is 1. */
const PARETO_MEAN =
  ((TAIL_INDEX / (TAIL_INDEX - 1)) * (1 - LONGEST ** (1 - TAIL_INDEX))) / (1 - LONGEST ** -TAIL_INDEX);

/** Reads `20`, `20:uniform`, `20:exp`, `20:pareto`: the mean in ms and the shape. @returns undefined for anything else */
export function parseServiceTime(text: string): ServiceTime | undefined {
  const [, mean, shape = 'constant'] = /^(\d+(?:\.\d+)?)(?::(uniform|exp|pareto))?$/.exec(text) ?? [];
  if (mean === undefined || Number(mean) < 1 || Number(mean) > 60_000) return undefined;
  return { meanMs: Number(mean), shape: shape as ServiceTime['shape'] };
}

/** Draws service times in ms. @param rng from 0 to below 1 */
export function serviceTimes({ meanMs, shape }: ServiceTime, rng: () => number): () => number {
  switch (shape) {
    case 'constant':
      return () => meanMs;
    case 'uniform':
      return () => meanMs * (1 + SPREAD * (2 * rng() - 1));
    case 'exp':
      return () => -meanMs * Math.log(1 - rng());
    case 'pareto': {
      const shortestMs = meanMs / PARETO_MEAN;
      const cut = 1 - LONGEST ** -TAIL_INDEX;
      return () => shortestMs * (1 - rng() * cut) ** (-1 / TAIL_INDEX);
    }
  }
}
