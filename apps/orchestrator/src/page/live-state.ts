import type { LevelName } from '@frame-buffer/backpressure';
import type { Books, ProcessorState } from '@frame-buffer/models';

/** What the live page shows: computed once a second, the same for everybody who looks. Unknown is null, never 0; times are ms since the epoch. */
export interface LiveState {
  readonly atMs: number;
  readonly orchestrator: {
    readonly id: string;
    readonly version: string;
    readonly strategy: string;
    readonly startedAtMs: number;
    readonly paused: boolean;
    readonly stopping: boolean;
    readonly pressure: Pressure;
  };
  readonly verdict: Verdict;
  readonly flow: Flow;
  readonly books: Books | null;
  readonly cameras: CameraGrid;
  readonly processors: readonly ProcessorRow[];
  readonly waiting: readonly WaitingRow[];
  readonly redis: RedisFigures;
  readonly deadLetters: DeadLetterFigures;
}

export interface Pressure {
  /** Of the worst pool. */
  readonly level: LevelName;
  /** Why, in words; null while it is normal. */
  readonly cause: string | null;
  /** Each capability, worst first. */
  readonly pools: readonly PoolRow[];
}

export interface PoolRow {
  readonly capability: string;
  readonly level: LevelName;
  /** In words; null where nothing is known. */
  readonly cause: string | null;
}

/** `bad`: frames are lost or can't go on; `warn`: somebody should look. */
export type ComplaintLevel = 'bad' | 'warn';

export interface Complaint {
  readonly kind: ComplaintKind;
  readonly level: ComplaintLevel;
  /** What is wrong. */
  readonly title: string;
  readonly cause: string;
  /** The next step. */
  readonly next: string;
}

/** Worst first. */
export const COMPLAINTS = [
  'unaccounted',
  'lost_upstream',
  'redis',
  'no_processor',
  'processor_died',
  'processor_silent',
  'breaker_open',
  'pressure',
  'waiting',
  'camera_silent',
  'dead_letters',
  'paused',
] as const;
export type ComplaintKind = (typeof COMPLAINTS)[number];

export interface Verdict {
  readonly level: 'fine' | ComplaintLevel;
  readonly title: string;
  readonly cause: string | null;
  readonly next: string | null;
  readonly sinceMs: number;
  readonly kind: ComplaintKind | null;
  /** What else is wrong. */
  readonly others: readonly (Complaint & { readonly sinceMs: number })[];
}

/** Frames per second, from the books of all orchestrators. */
export interface Flow {
  readonly in: number | null;
  readonly routed: number | null;
  readonly done: number | null;
  readonly dead: number | null;
  readonly shed: number | null;
  readonly lost: number | null;
  /** Totals by reason, of what there was any. */
  readonly shedByReason: Readonly<Record<string, number>>;
  readonly lostByReason: Readonly<Record<string, number>>;
}

export interface CameraGrid {
  readonly rows: readonly CameraRow[];
  /** Cameras beyond those shown. */
  readonly hidden: number;
  /** Whether only a part of the results could be read, so that `got` is an estimate. */
  readonly sampled: boolean;
}

export interface CameraRow {
  readonly camera: string;
  /** Since its last frame was published. */
  readonly silentMs: number;
  readonly capabilities: readonly {
    readonly capability: string;
    /** Frames per second that this orchestrator read, by the time they were published. */
    readonly wanted: number | null;
    /** Results per second. */
    readonly got: number | null;
    readonly sinceResultMs: number | null;
  }[];
}

export interface ProcessorRow {
  readonly id: string;
  readonly capabilities: readonly string[];
  readonly state: ProcessorState;
  readonly alive: boolean;
  readonly outstanding: number;
  readonly capacity: number;
  /** Results per second. */
  readonly rate: number | null;
  readonly p95Ms: number | null;
  /** Attempts that failed in the last minute, of those that came back to this orchestrator. */
  readonly errors: number;
  readonly breaker: string | null;
  readonly heartbeatAgeMs: number | null;
  /** Why it gets no work; null where it could. */
  readonly idle: string | null;
}

export interface WaitingRow {
  readonly capability: string;
  readonly frames: number;
  readonly oldestSeconds: number;
  readonly byClass: readonly (readonly [priority: string, frames: number])[];
  /** Of these, those that can't go where others could. */
  readonly aside: number;
}

export interface RedisFigures {
  readonly answering: boolean;
  readonly usedBytes: number | null;
  /** `maxmemory`, else the machine's memory. */
  readonly limitBytes: number | null;
  readonly limitIsMachine: boolean;
  readonly policy: string | null;
  /** Until the memory is full, as it grows now; null where it doesn't grow or isn't known. */
  readonly headroomSeconds: number | null;
  readonly version: string | null;
  readonly appendOnly: boolean | null;
}

export interface DeadLetterFigures {
  readonly count: number | null;
  /** New ones in the last minute. */
  readonly lastMinute: number;
  readonly newest: readonly {
    readonly id: string;
    readonly frameId: string;
    readonly cameraId: string;
    readonly reason: string;
    readonly detail: string;
  }[];
}
