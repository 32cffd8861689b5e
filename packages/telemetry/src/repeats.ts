import type { LogFields } from './logger-port.ts';
import type { LogLevel } from './log-level.ts';

export interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Lines of the same message about two processors are two facts, and so about two cameras. */
const IDENTITY_FIELDS = ['processor_id', 'camera_id'] as const;
/** A line about a frame is one of many, whichever camera it came from. */
const IDENTITY_OF_FRAMES = ['processor_id'] as const;
/** Windows open at once; beyond this lines pass unaggregated rather than fill the memory. */
const MAX_WINDOWS = 1000;

interface Window {
  readonly endsAtMs: number;
  repeated: number;
  latest: Line;
}

/**
 * Aggregates repeated lines. The first one passes at once; more of the same level, message, processor and camera within the window
 * are held back, and when it ends become one line, the latest, with `repeated`: how many it stands for. So lines passed plus all
 * `repeated`, less the lines that bear one, is how many were written.
 */
export class Repeats {
  private readonly windowMs: number;
  private readonly write: (line: Line) => void;
  private readonly windows = new Map<string, Window>();
  private timer: NodeJS.Timeout | undefined;

  /** @param windowMs 0: nothing is aggregated */
  constructor(windowMs: number, write: (line: Line) => void) {
    this.windowMs = windowMs;
    this.write = write;
  }

  accept(line: Line): void {
    if (this.windowMs === 0) return this.write(line);
    const now = performance.now();
    const key = keyOf(line);
    const window = this.windows.get(key);
    if (window && now < window.endsAtMs) {
      window.repeated++;
      window.latest = line;
      return;
    }
    if (window) this.finish(key, window);
    if (this.windows.size < MAX_WINDOWS) {
      this.windows.set(key, { endsAtMs: now + this.windowMs, repeated: 0, latest: line });
      this.schedule(this.windowMs);
    }
    this.write(line);
  }

  /** Writes what is held back, and ends the timer. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const [key, window] of this.windows) this.finish(key, window);
  }

  private finish(key: string, { repeated, latest }: Window): void {
    this.windows.delete(key);
    if (repeated > 0) this.write({ ...latest, fields: { ...latest.fields, repeated } });
  }

  /** One timer for all windows: they end in the order in which they began. */
  private schedule(delayMs: number): void {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const now = performance.now();
      for (const [key, window] of this.windows) {
        if (now < window.endsAtMs) return this.schedule(window.endsAtMs - now);
        this.finish(key, window);
      }
    }, Math.ceil(delayMs));
    // A log line held back is no reason to keep a process alive; close() writes it.
    this.timer.unref();
  }
}

function keyOf({ level, message, fields }: Line): string {
  let key = `${level}\u0000${message}`;
  for (const name of fields['frame_id'] === undefined ? IDENTITY_FIELDS : IDENTITY_OF_FRAMES) {
    const value = fields[name];
    if (value !== undefined) key += `\u0000${name}\u0000${String(value)}`;
  }
  return key;
}
