import { EventSource, type Subscribe } from './event-source.ts';
import { type HysteresisOptions, LevelHysteresis, completeHysteresisOptions } from './level-hysteresis.ts';
import { type PoolPressure, type PoolReading, type PressureLimits, poolPressure } from './pool-pressure.ts';
import { NORMAL, type PressureLevel, consumptionRate } from './pressure-level.ts';
import { inRange } from './range-check.ts';
import { type Clock, SteadyClock } from './steady-clock.ts';

export interface PressureGaugeOptions extends HysteresisOptions, PressureLimits {
  clock: Clock;
  /** Hears what a listener threw; nothing else would. */
  onListenerError: (error: unknown) => void;
}

/** One pool, as last observed. */
export interface PoolState extends PoolPressure {
  readonly pool: string;
  readonly level: PressureLevel;
  /** What the level leaves of the read-ahead: 1, 0.8, 0.5, 0. */
  readonly rate: number;
}

/** All pools: the level is the worst pool's. */
export interface OverallState {
  readonly level: PressureLevel;
  readonly rate: number;
  /** The worst pool; undefined where there is none. */
  readonly worst: PoolState | undefined;
}

export interface PoolLevelChange {
  readonly from: PressureLevel;
  readonly to: PressureLevel;
  readonly state: PoolState;
}

export interface OverallLevelChange {
  readonly from: PressureLevel;
  readonly to: PressureLevel;
  readonly worst: PoolState | undefined;
}

/** A frame that waits for a second is late for anything live. */
const DEFAULT_WAIT_LIMIT_MS = 1_000;
/** A quarter shed is a third more than the pool can do. */
const DEFAULT_SHED_LIMIT_RATIO = 0.25;

interface Pool {
  readonly hysteresis: LevelHysteresis;
  state: PoolState;
}

/** Judges pools of processors by fill and waiting time, each with hysteresis, and the whole by its worst pool. */
export class PressureGauge {
  readonly #hysteresis: HysteresisOptions;
  readonly #limits: PressureLimits;
  readonly #clock: SteadyClock;
  readonly #pools = new Map<string, Pool>();
  readonly #poolChanges: EventSource<PoolLevelChange>;
  readonly #overallChanges: EventSource<OverallLevelChange>;
  #overall: OverallState = { level: NORMAL, rate: consumptionRate(NORMAL), worst: undefined };

  readonly onPoolLevelChange: Subscribe<PoolLevelChange>;
  readonly onOverallLevelChange: Subscribe<OverallLevelChange>;

  /** @throws RangeError with name, bounds and value. */
  constructor(options: Partial<PressureGaugeOptions> = {}) {
    this.#hysteresis = completeHysteresisOptions(options);
    this.#limits = {
      waitLimitMs: inRange('waitLimitMs', options.waitLimitMs ?? DEFAULT_WAIT_LIMIT_MS, 1, 86_400_000),
      shedLimitRatio: inRange(
        'shedLimitRatio',
        options.shedLimitRatio ?? DEFAULT_SHED_LIMIT_RATIO,
        Number.MIN_VALUE,
        1,
      ),
    };
    this.#clock = new SteadyClock(options.clock ?? (() => performance.now()));
    const onListenerError = options.onListenerError ?? (() => {});
    this.#poolChanges = new EventSource(onListenerError);
    this.#overallChanges = new EventSource(onListenerError);
    this.onPoolLevelChange = this.#poolChanges.subscribe;
    this.onOverallLevelChange = this.#overallChanges.subscribe;
  }

  /** To be called a few times a second for every pool, and on what matters. `limits` are for pools with limits of their own. */
  observe(pool: string, reading: PoolReading, limits: Partial<PressureLimits> = {}): PoolState {
    const hysteresis = this.#pools.get(pool)?.hysteresis ?? new LevelHysteresis(this.#hysteresis);
    const pressure = poolPressure(reading, {
      waitLimitMs: limits.waitLimitMs ?? this.#limits.waitLimitMs,
      shedLimitRatio: limits.shedLimitRatio ?? this.#limits.shedLimitRatio,
    });
    const from = hysteresis.level;
    const level = hysteresis.observe(pressure.pressure, this.#clock.now());
    const state: PoolState = { pool, level, rate: consumptionRate(level), ...pressure };
    this.#pools.set(pool, { hysteresis, state });
    if (level !== from) this.#poolChanges.emit({ from, to: level, state });
    this.#judgeOverall();
    return state;
  }

  /** A pool that is no more (its last processor left for good) must not hold the level up. */
  forget(pool: string): void {
    if (this.#pools.delete(pool)) this.#judgeOverall();
  }

  pool(pool: string): PoolState | undefined {
    return this.#pools.get(pool)?.state;
  }

  pools(): PoolState[] {
    return Array.from(this.#pools.values(), ({ state }) => state);
  }

  overall(): OverallState {
    return this.#overall;
  }

  #judgeOverall(): void {
    let worst: PoolState | undefined;
    for (const { state } of this.#pools.values()) if (!worst || isWorse(state, worst)) worst = state;
    const from = this.#overall.level;
    const level = worst?.level ?? NORMAL;
    this.#overall = { level, rate: consumptionRate(level), worst };
    if (level !== from) this.#overallChanges.emit({ from, to: level, worst });
  }
}

function isWorse(one: PoolState, other: PoolState): boolean {
  return one.level === other.level ? one.pressure > other.pressure : one.level > other.level;
}

/** @throws RangeError with name, bounds and value. */
export function createPressureGauge(options: Partial<PressureGaugeOptions> = {}): PressureGauge {
  return new PressureGauge(options);
}
