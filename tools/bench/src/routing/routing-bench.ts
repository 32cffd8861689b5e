import { createRouter, type Router, type RouterOptions } from '@frame-buffer/router';
import { CAPABILITY } from '../frame-records.ts';
import { median } from '../median.ts';

/** Mean times by number of processors. */
export interface RoutingFigures {
  readonly '50': { readonly meanNs: number };
  readonly '1000': { readonly meanNs: number };
}

/** The default strategy, and all of them by name. */
export interface RoutingReport extends RoutingFigures {
  readonly strategies: Readonly<Record<StrategyName, RoutingFigures>>;
}

export type StrategyName = Extract<RouterOptions['strategy'], string>;

export const STRATEGIES: readonly StrategyName[] = ['least_loaded', 'round_robin', 'affinity'];
const DEFAULT_STRATEGY: StrategyName = 'least_loaded';

/** Decisions between two reports of the queues, as in the orchestrator's hand-off. */
const BATCH = 512;
const CAPACITY = 64;
const CAMERAS = 400;
/** As in the orchestrator. */
const REMEMBERED_CHANGES = 131_072;
/** Long enough for the compiler to be done. */
const WARM_UP_SHARE = 0.25;
/** The median of so many runs: a garbage collection or a neighbour spoils one. */
const RUNS = 5;

export interface RoutingBenchOptions {
  readonly decisions: number;
  readonly say: (line: string) => void;
}

/** What one decision costs on the hot path, for every strategy. */
export function benchRouting({ decisions, say }: RoutingBenchOptions): RoutingReport {
  const strategies = Object.fromEntries(
    STRATEGIES.map((strategy) => {
      const figures: RoutingFigures = {
        '50': { meanNs: medianOfRuns(strategy, 50, decisions) },
        '1000': { meanNs: medianOfRuns(strategy, 1000, decisions) },
      };
      say(
        `  ${strategy.padEnd(12)} 50: ${Math.round(figures['50'].meanNs)} ns  1000: ${Math.round(figures['1000'].meanNs)} ns`,
      );
      return [strategy, figures];
    }),
  ) as Record<StrategyName, RoutingFigures>;
  return { ...strategies[DEFAULT_STRATEGY], strategies };
}

function medianOfRuns(strategy: StrategyName, processors: number, decisions: number): number {
  return median(Array.from({ length: RUNS }, () => meanDecisionNs(strategy, processors, decisions)));
}

/**
 * The mean time of a decision with all that belongs to it: the look for credit, the decision, its reservation, and after each batch the
 * counts of the queues that it touched, in which the processors have finished what came before.
 * @returns ns
 */
export function meanDecisionNs(strategy: StrategyName, processors: number, decisions: number): number {
  const router = createRouter({ strategy, rememberedChanges: REMEMBERED_CHANGES });
  const ids = Array.from({ length: processors }, (_none, i) => `processor-${i + 1}`);
  for (const id of ids) router.put({ id, capabilities: [CAPABILITY], capacity: CAPACITY });
  const requests = Array.from({ length: CAMERAS }, (_none, i) => ({
    capability: CAPABILITY,
    cameraId: `camera-${i}`,
    format: 'jpeg',
    width: 1280,
    height: 720,
  }));
  let next = 0;
  const batches = (count: number): void => {
    for (let batch = 0; batch < count; batch++) next = decideBatch(router, requests, next);
  };
  const total = Math.ceil(decisions / BATCH);
  const warmUp = Math.ceil(total * WARM_UP_SHARE);
  batches(warmUp);
  const startNs = process.hrtime.bigint();
  batches(total);
  return Number(process.hrtime.bigint() - startNs) / (total * BATCH);
}

type Request = Parameters<Router['decide']>[0];

/** @returns the number of the request that the next batch begins with */
function decideBatch(router: Router, requests: readonly Request[], first: number): number {
  const touched = new Map<string, number>();
  for (let i = 0; i < BATCH; i++) {
    const request = requests[(first + i) % requests.length] as Request;
    if (!router.hasCredit(request.capability)) break;
    const { processorId } = router.decide(request);
    if (processorId === undefined) break;
    router.reserve(processorId);
    touched.set(processorId, (touched.get(processorId) ?? 0) + 1);
  }
  for (const [id, sent] of touched) router.setOutstanding(id, sent);
  return first + BATCH;
}
