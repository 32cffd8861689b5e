import type { Picture } from './frame-record.ts';

/** Where pictures go. */
export interface Outlet {
  /** Puts the picture where processors find it, and then its record into the input stream. Rejects where that failed. */
  publish(picture: Picture): Promise<void>;
  /** Ends timers; pictures stay until they expire. */
  close(): void;
}

export interface OutletTarget {
  /** The input stream. */
  readonly stream: string;
  /** A picture's key is this and its frame id. */
  readonly pixelsPrefix: string;
}
