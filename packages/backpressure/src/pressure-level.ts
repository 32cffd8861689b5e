export const NORMAL = 0;
export const MODERATE = 1;
export const HIGH = 2;
export const CRITICAL = 3;

export type PressureLevel = typeof NORMAL | typeof MODERATE | typeof HIGH | typeof CRITICAL;

export const LEVEL_NAMES = ['normal', 'moderate', 'high', 'critical'] as const;
export type LevelName = (typeof LEVEL_NAMES)[number];

export function levelName(level: PressureLevel): LevelName {
  return LEVEL_NAMES[level];
}

/** Share of the read-ahead that a level leaves; 0 is paused. See `intakeAllowance` for what it never takes away. */
const CONSUMPTION_RATES = [1, 0.8, 0.5, 0] as const;

/** 1.0, 0.8, 0.5 and 0 (paused) from normal to critical. */
export function consumptionRate(level: PressureLevel): number {
  return CONSUMPTION_RATES[level];
}
