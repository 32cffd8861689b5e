import { type RunOptions, runScenario } from './run-scenario.ts';
import type { Scenario, ScenarioResult } from './scenario.ts';

export interface SuiteOptions extends RunOptions {
  readonly scenarios: readonly Scenario[];
  /** No scenario begins later; where time is left after the last, they begin again with the next seed. undefined: each once. */
  readonly forMs: number | undefined;
  readonly onStart: (name: string, seed: number) => void;
  readonly onResult: (result: ScenarioResult) => void;
}

/** Runs scenarios one after another until all are done, the time is over or the signal comes. A crash is a failure of its scenario. */
export async function runSuite(options: SuiteOptions): Promise<ScenarioResult[]> {
  const { scenarios, forMs, signal } = options;
  const deadlineMs = forMs === undefined ? undefined : performance.now() + forMs;
  const results: ScenarioResult[] = [];
  for (let round = 0; round === 0 || deadlineMs !== undefined; round++) {
    for (const scenario of scenarios) {
      const isLate = deadlineMs !== undefined && performance.now() >= deadlineMs;
      if (signal.aborted || (isLate && results.length > 0)) return results;
      const seed = options.seed + round;
      options.onStart(scenario.name, seed);
      const result = await runScenario(scenario, { ...options, seed }).catch((error: unknown) =>
        crashed(scenario.name, seed, error),
      );
      if (signal.aborted) return results;
      results.push(result);
      options.onResult(result);
    }
  }
  return results;
}

function crashed(name: string, seed: number, error: unknown): ScenarioResult {
  const text =
    error instanceof Error
      ? `${error.message}${error.cause ? ` (${String(error.cause)})` : ''}`
      : String(error);
  return {
    ...{
      name,
      seed,
      published: 0,
      completed: 0,
      deadLettered: 0,
      unaccounted: 0,
      duplicates: 0,
      recoveryMs: 0,
    },
    ...{ passed: false, faults: [`could not be played to its end: ${text}`], notes: [], tookMs: 0 },
  };
}
