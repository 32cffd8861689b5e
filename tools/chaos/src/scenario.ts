import type { Rng } from './rng.ts';
import type { Stage } from './stage/stage.ts';
import type { StoreKind } from './stage/store.ts';
import type { Publisher } from './traffic/publisher.ts';

/** What a scenario acts on while frames flow. */
export interface Scene {
  readonly stage: Stage;
  readonly publisher: Pick<Publisher, 'pause' | 'resume'>;
  readonly rng: Rng;
}

export interface Scenario {
  readonly name: string;
  /** What is done, in a few words. */
  readonly about: string;
  /**
   * Does it. What is left paused, cut off or missing is healed afterwards.
   * @returns when the fault ended, in ms since the epoch, where that isn't now: a killed process is missed only when its lease ends
   */
  readonly faults: (scene: Scene) => Promise<number | void>;
  readonly setup?: {
    readonly orchestrators?: number;
    readonly processors?: number;
    readonly redis?: StoreKind;
    readonly routingStrategy?: 'least_loaded' | 'round_robin' | 'affinity';
  };
  readonly allowed?: {
    /** Results that a failover lost are made again. Anywhere else a second result is a fault. */
    readonly lostInFailover?: true;
    /** Instead of three seconds. */
    readonly recoveryMs?: number;
  };
}

/** What one run of a scenario showed. */
export interface ScenarioResult {
  readonly name: string;
  readonly seed: number;
  readonly published: number;
  readonly completed: number;
  readonly deadLettered: number;
  readonly unaccounted: number;
  readonly duplicates: number;
  /** To completions at half of the rate before, from the end of the fault. */
  readonly recoveryMs: number;
  readonly passed: boolean;
  /** Why it did not pass. */
  readonly faults: readonly string[];
  /** What is worth knowing though it is allowed. */
  readonly notes: readonly string[];
  readonly tookMs: number;
}
