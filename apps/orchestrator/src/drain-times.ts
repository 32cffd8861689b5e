import { estimateDrain } from '@frame-buffer/backpressure';
import type { PoolDrain } from './pool-drain.ts';
import type { WaitingSummary } from './waiting-room.ts';

export interface DrainTime {
  readonly capability: string;
  /** Frames per second that its processors take now; null: unknown. */
  readonly takenPerSecond: number | null;
  /** Until those that wait now are taken, at this rate; null: unknown, or nothing is taken. */
  readonly seconds: number | null;
}

/** How long what waits will take. Frames for several capabilities go at the pace of the slowest, and take places of each. */
export function drainTimes(
  waiting: readonly Pick<WaitingSummary, 'capability' | 'frames'>[],
  drain: Pick<PoolDrain, 'perSecond'>,
): DrainTime[] {
  const frames = new Map<string, number>();
  for (const pool of waiting) {
    for (const name of namesOf(pool.capability)) frames.set(name, (frames.get(name) ?? 0) + pool.frames);
  }
  return waiting.map(({ capability }) => {
    let slowest: { perSecond: number; ms: number } | undefined;
    for (const name of namesOf(capability)) {
      const perSecond = drain.perSecond(name);
      const { ms } = estimateDrain({ frames: frames.get(name) ?? 0, drainPerSecond: perSecond });
      // What isn't known may be the slowest.
      if (!slowest || !(Number.isNaN(slowest.ms) || ms <= slowest.ms)) slowest = { perSecond, ms };
    }
    return {
      capability,
      takenPerSecond: known(slowest?.perSecond),
      seconds: known(slowest && slowest.ms / 1000),
    };
  });
}

const namesOf = (capability: string): string[] => capability.split('+');

const known = (figure: number | undefined): number | null =>
  figure !== undefined && Number.isFinite(figure) ? figure : null;
