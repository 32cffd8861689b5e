export { block } from './block-policy.ts';
export { createSheddingPolicy } from './create-shedding-policy.ts';
export { deadline, type DeadlineOptions } from './deadline-policy.ts';
export { estimateDrain, type DrainEstimate, type DrainReading } from './drain-estimate.ts';
export { dropOldest } from './drop-oldest-policy.ts';
export type { Disposer, Subscribe } from './event-source.ts';
export {
  DEFAULT_HEADROOM,
  adviseFrameRates,
  type AdviceRequest,
  type CameraAdvice,
  type CameraDemand,
} from './frame-rate-advice.ts';
export {
  createFrameRateAdvisor,
  type AdvisedRate,
  type CameraFlow,
  type FrameRateAdvisor,
  type PoolFlow,
} from './frame-rate-advisor.ts';
export { DEFAULT_COVER_MS, intakeAllowance, type IntakeReading } from './intake-allowance.ts';
export { latestPerCamera } from './latest-per-camera-policy.ts';
export { LevelHysteresis, type HysteresisOptions, type Thresholds } from './level-hysteresis.ts';
export {
  createPauseReasons,
  type PauseReason,
  type PauseReasons,
  type PauseReasonsOptions,
  type PauseSource,
} from './pause-reasons.ts';
export { PoolBudget, type BudgetReading, type PoolBudgetOptions } from './pool-budget.ts';
export {
  poolPressure,
  type PoolPressure,
  type PoolReading,
  type PressureCause,
  type PressureLimits,
} from './pool-pressure.ts';
export {
  createPressureGauge,
  type OverallLevelChange,
  type OverallState,
  type PoolLevelChange,
  type PoolState,
  type PressureGauge,
  type PressureGaugeOptions,
} from './pressure-gauge.ts';
export {
  CRITICAL,
  HIGH,
  LEVEL_NAMES,
  MODERATE,
  NORMAL,
  consumptionRate,
  levelName,
  type LevelName,
  type PressureLevel,
} from './pressure-level.ts';
export { createRateMeter, type RateMeter, type RateMeterOptions } from './rate-meter.ts';
export { sample, type SampleOptions } from './sample-policy.ts';
export {
  SHED_REASONS,
  SHEDDING_POLICIES,
  type ArrivalDecision,
  type DispatchDecision,
  type SheddingPolicy,
  type SheddingPolicyName,
  type ShedReason,
  type WaitingFrame,
  type WaitingRoomView,
} from './shedding-policy.ts';
export type { Clock } from './steady-clock.ts';
