import { LEVEL_NAMES } from '@frame-buffer/backpressure';
import type { PoolReport, Pressure as Gauge } from '../pressure.ts';
import type { PoolRow, Pressure } from './live-state.ts';

/** What each of the limits means to somebody who hasn't read the design. */
const CAUSES: Readonly<Record<string, string>> = {
  fill: 'its queues and its waiting room fill up',
  wait: 'its frames wait too long',
  shed: 'many of its frames are shed',
};

/** The pressure on each capability, worst first, and what makes it. */
export function pressureRows(gauge: Pick<Gauge, 'level' | 'pools'>): Pressure {
  const pools = gauge.pools().map(row).toSorted(worstFirst);
  const level = LEVEL_NAMES[gauge.level()];
  const worst = pools[0];
  const cause = level === 'normal' || !worst ? null : `${worst.capability}: ${worst.cause ?? 'unknown'}.`;
  return { level, cause, pools };
}

const row = ({ capability, level, cause }: PoolReport): PoolRow => ({
  capability,
  level,
  cause: cause === null ? null : (CAUSES[cause] ?? cause),
});

function worstFirst(a: PoolRow, b: PoolRow): number {
  const byLevel = LEVEL_NAMES.indexOf(b.level) - LEVEL_NAMES.indexOf(a.level);
  return byLevel === 0 ? a.capability.localeCompare(b.capability) : byLevel;
}
