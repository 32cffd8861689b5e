import { createPauseReasons, type PauseSource } from '@frame-buffer/backpressure';
import type { Journey } from './journey.ts';

/** Why less is read than could be, since when. */
export interface PauseReport {
  /** `manual` stops the reading. `automatic`: a capability is full; what its processors take is read all the same. */
  readonly source: PauseSource;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Pauses by hand and by pressure: neither takes back what the other did. */
export interface Pauses {
  /** By hand; asking again changes nothing. */
  pause(): void;
  /** Takes back what was paused by hand, however often. */
  resume(): void;
  /** The pressure on a capability is critical, or not any more. */
  critical(capability: string, isCritical: boolean): void;
  reasons(): PauseReport[];
}

const BY_HAND = 'paused by hand';

export function createPauses(
  journey: () => Pick<Journey, 'pause' | 'resume'>,
  clock: () => number = Date.now,
): Pauses {
  const held = createPauseReasons({ clock });
  const reasonOf = (capability: string): string => `critical pressure on ${capability}`;
  return {
    pause() {
      if (!held.isPaused('manual')) held.pause('manual', BY_HAND);
      journey().pause();
    },
    resume() {
      held.clear('manual');
      journey().resume();
    },
    critical(capability, isCritical) {
      const reason = reasonOf(capability);
      held.clear('automatic', reason);
      if (isCritical) held.pause('automatic', reason);
    },
    reasons: () =>
      held.reasons().map(({ source, reason, forMs }) => ({
        source,
        reason,
        since: new Date(clock() - forMs).toISOString(),
      })),
  };
}
