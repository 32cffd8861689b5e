import { Gauge, Registry } from 'prom-client';
import { BatchedCounter } from './batched-counter.ts';
import { BatchedHistogram } from './batched-histogram.ts';
import { BoundedLabel } from './label-cells.ts';
import { ORCHESTRATOR_METRICS as M } from './metric-names.ts';
import { requireRange } from './range.ts';
import { scrapedCounters, scrapedGauge, scrapedGauges } from './scraped-figures.ts';

/** A decision takes about a microsecond; the design asks for less than two. */
const ROUTING_BUCKETS_S = [5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2];
const HANDOFF_BUCKETS_S = [2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** The design's bounds, 3 ms and 15 ms, are buckets of their own; the far end shows frames that wait. */
const AGE_BUCKETS_S = [
  1e-3, 3e-3, 5e-3, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];
const DEFAULT_MAX_CAMERAS = 1000;
/** Reasons are words of a closed set; a sentence that slipped in must not make a series for each frame. */
const MAX_REASONS = 50;

export const CIRCUIT_STATE_FIGURE = { closed: 0, open: 1, half_open: 2, isolated: 3 } as const;
export type CircuitStateName = keyof typeof CIRCUIT_STATE_FIGURE;

/** Figures that are read at the scrape. One that isn't given, or isn't known, is NaN or has no series. */
export interface OrchestratorFigures {
  /** Outstanding frames of each registered processor. */
  queueDepth: () => Iterable<readonly [processorId: string, outstanding: number | undefined]>;
  waitingFrames: () => Iterable<readonly [capability: string, priority: string | number, frames: number]>;
  /** Seconds. */
  oldestWaiting: () => Iterable<readonly [capability: string, seconds: number | undefined]>;
  circuitState: () => Iterable<readonly [processorId: string, state: CircuitStateName]>;
  /** 0 to 3. */
  level: () => number | undefined;
  /** 0 to 1. */
  consumptionRate: () => number | undefined;
  consumerLag: () => number | undefined;
  unaccounted: () => number | undefined;
  /** Totals of the ledger. What they were before a restart they are after it. */
  lost: () => Iterable<readonly [reason: string, frames: number]>;
  /** Seconds since the epoch. */
  cameraLastFrame: () => Iterable<readonly [cameraId: string, seconds: number]>;
  silentCameras: () => number | undefined;
  redisUp: () => boolean | undefined;
  redisPolicyOk: () => boolean | undefined;
  redisMemoryUsed: () => number | undefined;
  redisMemoryLimit: () => number | undefined;
}

export interface OrchestratorMetricsOptions {
  register: Registry;
  /** Whether frames are counted at all; off only to see what counting costs. */
  counting: boolean;
  /** Whether cameras are told apart; off where there are thousands. */
  cameraLabel: boolean;
  /** Cameras that keep their name, the first ones seen; all others are `other`. */
  maxCameras: number;
  figures: Partial<OrchestratorFigures>;
}

/** Instruments of an orchestrator. What counts does a Map lookup and an addition, and never throws. */
export interface OrchestratorMetrics {
  consumed(frames?: number): void;
  /** @param result of the decision: `routed`, `waiting`, ...; processorId is '' where none was chosen */
  routed(processorId: string, cameraId: string, result: string, frames?: number): void;
  /** @param status of the hand-off: `handed_off`, `no_credit`, ... */
  distributed(processorId: string, status: string, frames?: number): void;
  /** @param seconds that these decisions took together; each is counted with its share */
  routingDuration(seconds: number, decisions?: number): void;
  /** @param seconds that the call took which handed over these frames; each of them is counted with the whole */
  handoffDuration(seconds: number, frames?: number): void;
  /** @param seconds since the picture was taken; NaN where the frame doesn't say: not counted */
  frameAge(stage: string, seconds: number): void;
  /** 0 frames make the series visible, so that its first increase is seen as one. */
  shed(reason: string, frames?: number): void;
  deadLettered(reason: string, frames?: number): void;
  processorDied(): void;
  spansLost(spans: number): void;
  /** Where figures come from that are read at the scrape; later calls replace those they name. */
  observe(figures: Partial<OrchestratorFigures>): void;
  /** The series of a removed processor disappear after the next scrape. */
  forgetProcessor(processorId: string): void;
  /** The exposition, for `GET /metrics`. */
  text(): Promise<string>;
  readonly contentType: string;
  readonly register: Registry;
}

export function createOrchestratorMetrics(
  options: {
    readonly version: string;
    readonly routingStrategy: string;
  } & Partial<OrchestratorMetricsOptions>,
): OrchestratorMetrics {
  const register = options.register ?? new Registry();
  const cameraLabel = options.cameraLabel ?? true;
  const maxCameras = requireRange('maxCameras', options.maxCameras ?? DEFAULT_MAX_CAMERAS, 1, 100_000);
  const cameras = new BoundedLabel(maxCameras);
  const figures: Partial<OrchestratorFigures> = { ...options.figures };

  const consumed = new BatchedCounter(M.framesConsumed, register);
  const routed = new BatchedCounter(
    M.framesRouted,
    register,
    cameraLabel ? M.framesRouted.labels : M.framesRouted.labels.filter((label) => label !== 'camera_id'),
  );
  const distributed = new BatchedCounter(M.framesDistributed, register);
  const routingDuration = new BatchedHistogram(M.routingDuration, ROUTING_BUCKETS_S, register);
  const handoffDuration = new BatchedHistogram(M.handoffDuration, HANDOFF_BUCKETS_S, register);
  const frameAge = new BatchedHistogram(M.frameAge, AGE_BUCKETS_S, register);
  const byReason = (spec: (typeof M)['framesShed' | 'framesDeadLettered']) => {
    const counter = new BatchedCounter(spec, register);
    const reasons = new BoundedLabel(MAX_REASONS);
    return (reason: string, frames = 1): void => counter.add(frames, reasons.of(reason));
  };
  const shed = byReason(M.framesShed);
  const deadLettered = byReason(M.framesDeadLettered);
  const processorDeaths = new BatchedCounter(M.processorDeaths, register);
  scrapedCounters(M.framesLost, register, () => labelled(figures.lost?.()));
  const spansLost = new BatchedCounter(M.spansLost, register);

  scrapedGauge(M.backpressureLevel, register, () => figures.level?.());
  scrapedGauge(M.consumptionRate, register, () => figures.consumptionRate?.());
  scrapedGauge(M.consumerLag, register, () => figures.consumerLag?.());
  scrapedGauge(M.framesUnaccounted, register, () => figures.unaccounted?.());
  scrapedGauge(M.silentCameras, register, () => figures.silentCameras?.());
  scrapedGauge(M.redisUp, register, () => asFigure(figures.redisUp?.()));
  scrapedGauge(M.redisPolicyOk, register, () => asFigure(figures.redisPolicyOk?.()));
  scrapedGauge(M.redisMemoryUsed, register, () => figures.redisMemoryUsed?.());
  scrapedGauge(M.redisMemoryLimit, register, () => figures.redisMemoryLimit?.());
  scrapedGauges(M.cameraLastFrame, register, () =>
    cameraLabel ? atMost(maxCameras, labelled(figures.cameraLastFrame?.())) : [],
  );
  scrapedGauges(M.queueDepth, register, () => labelled(figures.queueDepth?.()));
  scrapedGauges(M.oldestWaiting, register, () => labelled(figures.oldestWaiting?.()));
  scrapedGauges(M.circuitState, register, () =>
    [...(figures.circuitState?.() ?? [])].map(([id, state]) => [[id], CIRCUIT_STATE_FIGURE[state]]),
  );
  scrapedGauges(M.waitingFrames, register, () =>
    [...(figures.waitingFrames?.() ?? [])].map(([capability, priority, frames]) => [
      [capability, String(priority)],
      frames,
    ]),
  );
  new Gauge({
    name: M.info.name,
    help: M.info.help,
    labelNames: [...M.info.labels],
    registers: [register],
  }).set({ version: options.version, routing_strategy: options.routingStrategy }, 1);

  return {
    consumed: (frames = 1) => consumed.add(frames),
    routed: cameraLabel
      ? (id, cameraId, result, frames = 1) => routed.add(frames, id, cameras.of(cameraId), result)
      : (id, _cameraId, result, frames = 1) => routed.add(frames, id, result),
    distributed: (id, status, frames = 1) => distributed.add(frames, id, status),
    routingDuration: (seconds, decisions = 1) => routingDuration.observe(seconds / decisions, decisions),
    handoffDuration: (seconds, frames = 1) => handoffDuration.observe(seconds, frames),
    frameAge: (stage, seconds) => frameAge.observe(seconds, 1, stage),
    shed,
    deadLettered,
    processorDied: () => processorDeaths.add(1),
    spansLost: (spans) => spansLost.add(spans),
    ...(options.counting === false ? NOT_COUNTED : {}),
    observe: (more) => void Object.assign(figures, more),
    forgetProcessor(id) {
      routed.forget(id);
      distributed.forget(id);
    },
    text: () => register.metrics(),
    contentType: register.contentType,
    register,
  };
}

const ignore = (): void => {};
const NOT_COUNTED = {
  consumed: ignore,
  routed: ignore,
  distributed: ignore,
  routingDuration: ignore,
  handoffDuration: ignore,
  frameAge: ignore,
};

const asFigure = (yes: boolean | undefined): number | undefined =>
  yes === undefined ? undefined : Number(yes);

function* atMost<T>(count: number, all: Iterable<T>): Iterable<T> {
  let given = 0;
  for (const one of all) if (given++ < count) yield one;
}

function* labelled(
  figures: Iterable<readonly [string, number | undefined]> | undefined,
): Iterable<readonly [readonly string[], number | undefined]> {
  for (const [label, figure] of figures ?? []) yield [[label], figure];
}
