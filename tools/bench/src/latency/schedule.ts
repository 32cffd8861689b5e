/** Frames at a fixed rate. The moments are fixed beforehand, whatever happens meanwhile: a frame that is sent late is late. */
export interface Schedule {
  /** When frame `number` (from 0) should be sent, in ms after the start. */
  intendedMs(number: number): number;
  /** How many frames should have been sent so long after the start. */
  dueAt(elapsedMs: number): number;
}

export function fixedRate(fps: number, count: number): Schedule {
  return {
    intendedMs: (number) => (number / fps) * 1000,
    dueAt: (elapsedMs) =>
      elapsedMs < 0 ? 0 : Math.min(count, Math.floor((elapsedMs * fps) / 1000 + ROUNDING) + 1),
  };
}

/** A frame is due at its own moment, though the division made it a little less. */
const ROUNDING = 1e-6;
