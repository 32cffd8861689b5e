import type { Source, SourceEntry } from '@frame-buffer/stream-consumer';
import type { WaitingSummary } from './waiting-room.ts';

/** The journey of frames through one orchestrator: read, decode, decide, hand off. */
export interface Journey {
  /** Reads and hands off until `stop`. */
  run(): Promise<void>;
  /** Takes frames that were adopted from another consumer, or found again. Those already held are left alone. */
  adopt(entries: readonly SourceEntry[]): Promise<void>;
  /** Tries again what waits: a processor came, or has credit again. */
  pump(): void;
  /** A processor has room again: whoever waits for credit may look. */
  hint(): void;
  /** Entries of a stream that are held: waiting or being handed off. */
  held(source: Source): number;
  /** Lets go of what waits here and is pending for us no more. @param askPending ids of what is @returns how many frames went */
  letGo(source: Source, askPending: () => Promise<ReadonlySet<string>>): Promise<number>;
  pause(): void;
  resume(): void;
  paused(): boolean;
  /** Whether the last read succeeded. */
  reading(): boolean;
  stopping(): boolean;
  /** Reads no more, hands off what it can within the time, and ends. */
  stop(graceMs: number): Promise<void>;
  stats(): JourneyStats;
  waiting(): WaitingSummary[];
}

export interface JourneyStats {
  readonly consumed: number;
  readonly handed_off: number;
  readonly dead_lettered: number;
  readonly gone: number;
  readonly shed: number;
  readonly waiting: number;
  readonly paused: boolean;
}
