import { adviseFrameRates, type CameraDemand } from './frame-rate-advice.ts';
import { type BudgetReading, PoolBudget, type PoolBudgetOptions } from './pool-budget.ts';
import { NORMAL, type PressureLevel } from './pressure-level.ts';

/** A pool of processors, and what it does. */
export interface PoolFlow extends Omit<BudgetReading, 'arrivalsPerSecond'> {
  readonly pool: string;
}

/** What a camera sends now. */
export interface CameraFlow {
  readonly cameraId: string;
  readonly perSecond: number;
  /** Since its last frame. */
  readonly silentMs: number;
  /** Pools that its frames need, with the share of frames that need each. */
  readonly needs: Readonly<Record<string, number>>;
}

export interface AdvisedRate {
  readonly cameraId: string;
  /** Infinity: as many as it likes. */
  readonly framesPerSecond: number;
  /** Of the worst pool that its frames need. */
  readonly level: PressureLevel;
  /** The pool that sets the rate; undefined where nothing does. */
  readonly limitedBy: string | undefined;
}

/** A limited camera that sends at least this share of its rate is taken to want more. */
const OBEYING_SHARE = 0.8;
/** A camera that isn't limited may go up by so much until the next advice. */
const ROOM_TO_RISE = 1.1;
/** Silent for longer than this, and than two of its advised intervals: gone. */
const GONE_MS = 10_000;
const INTERVALS = 2;

/** Advises cameras by what pools and cameras do now: shares each pool's budget out fairly. */
export class FrameRateAdvisor {
  readonly #options: Partial<PoolBudgetOptions>;
  #budgets = new Map<string, PoolBudget>();
  #limited = new Map<string, number>();

  constructor(options: Partial<PoolBudgetOptions> = {}) {
    this.#options = options;
  }

  /** To be called about once a second. @returns one for each camera that sends, in the order given */
  advise(pools: readonly PoolFlow[], cameras: readonly CameraFlow[]): AdvisedRate[] {
    const present = cameras.filter((camera) => camera.silentMs <= this.#goneAfterMs(camera));
    const budgets = new Map<string, PoolBudget>();
    const poolsPerSecond: Record<string, number> = {};
    const levels = new Map(pools.map(({ pool, level }) => [pool, level]));
    for (const flow of pools) {
      const budget = this.#budgets.get(flow.pool) ?? new PoolBudget(this.#options);
      budgets.set(flow.pool, budget);
      const arrivals = present.reduce(
        (sum, { perSecond, needs }) => sum + perSecond * (needs[flow.pool] ?? 0),
        0,
      );
      const perSecond = budget.observe({ ...flow, arrivalsPerSecond: arrivals });
      if (perSecond < Infinity) poolsPerSecond[flow.pool] = perSecond;
    }
    const demands = present.map((camera) => this.#demandOf(camera));
    // The budgets have their headroom already.
    const advice = adviseFrameRates({ poolsPerSecond, cameras: demands }, 1);
    this.#budgets = budgets;
    this.#limited = new Map();
    return present.map(({ cameraId, needs }) => {
      const { framesPerSecond = Infinity, limitedBy } = advice.get(cameraId) ?? {};
      if (limitedBy !== undefined) this.#limited.set(cameraId, framesPerSecond);
      const level = Object.keys(needs).reduce<PressureLevel>((worst, pool) => {
        const its = levels.get(pool) ?? NORMAL;
        return its > worst ? its : worst;
      }, NORMAL);
      return {
        cameraId,
        framesPerSecond: limitedBy === undefined ? Infinity : framesPerSecond,
        level,
        limitedBy,
      };
    });
  }

  #goneAfterMs({ cameraId }: CameraFlow): number {
    return Math.max(GONE_MS, intervalsMs(this.#limited.get(cameraId) ?? Infinity));
  }

  /** Who keeps to its advice doesn't show what it would send without. */
  #demandOf({ cameraId, perSecond, silentMs, needs }: CameraFlow): CameraDemand {
    const advised = this.#limited.get(cameraId);
    const obeying =
      advised !== undefined && (perSecond >= advised * OBEYING_SHARE || silentMs <= intervalsMs(advised));
    return { cameraId, needs, wantedPerSecond: obeying ? Number.NaN : perSecond * ROOM_TO_RISE };
  }
}

const intervalsMs = (perSecond: number): number => (INTERVALS * 1_000) / perSecond;

export function createFrameRateAdvisor(options: Partial<PoolBudgetOptions> = {}): FrameRateAdvisor {
  return new FrameRateAdvisor(options);
}
