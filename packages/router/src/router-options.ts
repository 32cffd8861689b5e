import type { RouterProcessor } from './processor.ts';
import type { Strategy } from './strategy.ts';

export interface RouterOptions {
  strategy: 'round_robin' | 'least_loaded' | 'affinity' | Strategy;
  /** ms, monotonic. */
  clock: () => number;
  /** 0 to 1, like Math.random. */
  rng: () => number;
  /** Whether the outstanding counts are exact now; `least_loaded` draws two at random where they are stale. */
  freshness: () => 'fresh' | 'stale';
  /** `least_loaded`: how long a newcomer takes until it has its full share; 0: at once. */
  slowStartMs: number;
  /** `affinity`: how many times the mean load a home may have. */
  loadBound: number;
  moveGraceMs: number;
  maxCameras: number;
  /** Below this share of healthy processors a pool uses the unhealthy ones too. */
  panicBelow: number;
  /** Changes of candidates that `recall` can undo, 48 bytes each; a frame makes about three. 0: it recalls nothing. */
  rememberedChanges: number;
  /** Told what a listener threw; it reaches neither the other listeners nor whoever asked for the decision. */
  onListenerError: (error: unknown) => void;
}

const DEFAULTS: RouterOptions = {
  strategy: 'least_loaded',
  clock: () => performance.now(),
  rng: Math.random,
  freshness: () => 'fresh',
  // Long enough for a model to load and caches to fill.
  slowStartMs: 10_000,
  // A quarter more than the mean keeps nearly all cameras at home (the paper's usual choice).
  loadBound: 1.25,
  // Longer than a burst or a garbage collection, shorter than anyone's patience.
  moveGraceMs: 2_000,
  maxCameras: 10_000,
  panicBelow: 0.5,
  rememberedChanges: 0,
  onListenerError: () => {},
};

/** Far apart enough for anyone, near enough for sums to stay exact. */
const [MIN_WEIGHT, MAX_WEIGHT] = [1e-6, 1e6];
const MAX_CAPACITY = 1e9;

/** @throws RangeError for an option out of its range */
export function checkedOptions(given: Partial<RouterOptions>): RouterOptions {
  const options = { ...DEFAULTS, ...given };
  requireStrategy(options.strategy);
  requireRange('slowStartMs', options.slowStartMs, 0, 86_400_000);
  requireRange('loadBound', options.loadBound, 1, 1_000);
  requireRange('moveGraceMs', options.moveGraceMs, 0, 86_400_000);
  requireRange('maxCameras', options.maxCameras, 1, 10_000_000);
  requireRange('panicBelow', options.panicBelow, 0, 1);
  requireRange('rememberedChanges', options.rememberedChanges, 0, 10_000_000);
  return options;
}

/** @throws RangeError for a capacity or weight that is none */
export function checkProcessor({ id, capacity, weight = 1 }: RouterProcessor): void {
  requireRange(`capacity of ${id}`, capacity, 1, MAX_CAPACITY);
  requireRange(`weight of ${id}`, weight, MIN_WEIGHT, MAX_WEIGHT);
}

const STRATEGIES: readonly unknown[] = ['round_robin', 'least_loaded', 'affinity'];

function requireStrategy(strategy: RouterOptions['strategy']): void {
  if (STRATEGIES.includes(strategy) || (typeof strategy === 'object' && strategy !== null)) return;
  throw new RangeError(
    `strategy must be ${STRATEGIES.join(', ')} or one of your own, is ${String(strategy)}`,
  );
}

function requireRange(name: string, value: number, minimum: number, maximum: number): void {
  if (!(value >= minimum && value <= maximum))
    throw new RangeError(`${name} must be from ${minimum} to ${maximum}, is ${value}`);
}
