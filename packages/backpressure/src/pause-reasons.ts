import { EventSource, type Disposer, type Subscribe } from './event-source.ts';
import { type Clock, SteadyClock } from './steady-clock.ts';

/** Who paused: an operator, or the program itself. Neither can take back what the other did. */
export type PauseSource = 'manual' | 'automatic';

export interface PauseReason {
  readonly source: PauseSource;
  readonly reason: string;
  /** How often it was paused for this reason and not resumed. */
  readonly count: number;
  /** Since the first of these. */
  readonly forMs: number;
}

export interface PauseReasonsOptions {
  clock: Clock;
  onListenerError: (error: unknown) => void;
}

interface Held {
  count: number;
  sinceMs: number;
}

/** Paused as long as any reason is left. Reasons are counted: who pauses twice has to resume twice. */
export class PauseReasons {
  readonly #clock: SteadyClock;
  readonly #held: Record<PauseSource, Map<string, Held>> = { manual: new Map(), automatic: new Map() };
  readonly #changes: EventSource<boolean>;

  /** Paused, or not any more. */
  readonly onChange: Subscribe<boolean>;

  constructor(options: Partial<PauseReasonsOptions> = {}) {
    this.#clock = new SteadyClock(options.clock ?? (() => performance.now()));
    this.#changes = new EventSource(options.onListenerError ?? (() => {}));
    this.onChange = this.#changes.subscribe;
  }

  /** @returns takes this one pause back; calling it again does nothing. */
  pause(source: PauseSource, reason: string): Disposer {
    const before = this.isPaused();
    let held = this.#held[source].get(reason);
    if (!held) {
      held = { count: 0, sinceMs: this.#clock.now() };
      this.#held[source].set(reason, held);
    }
    held.count++;
    this.#tell(before);
    let mine: Held | undefined = held;
    return () => {
      // Not where the reason was cleared meanwhile: what is held under its name now belongs to others.
      if (mine && this.#held[source].get(reason) === mine) this.resume(source, reason);
      mine = undefined;
    };
  }

  /** Takes one pause back. @returns false where there is none for this reason. */
  resume(source: PauseSource, reason: string): boolean {
    const before = this.isPaused();
    const held = this.#held[source].get(reason);
    if (!held) return false;
    held.count--;
    if (held.count === 0) this.#held[source].delete(reason);
    this.#tell(before);
    return true;
  }

  /** Takes back every pause of a source, or those for one reason, however often it was paused. @returns how many. */
  clear(source: PauseSource, reason?: string): number {
    const before = this.isPaused();
    let cleared = 0;
    for (const [name, held] of this.#held[source]) {
      if (reason !== undefined && name !== reason) continue;
      cleared += held.count;
      this.#held[source].delete(name);
    }
    this.#tell(before);
    return cleared;
  }

  /** By anyone, or by one source. */
  isPaused(source?: PauseSource): boolean {
    if (source) return this.#held[source].size > 0;
    return this.#held.manual.size + this.#held.automatic.size > 0;
  }

  /** Manual ones first, each in the order they came. */
  reasons(): PauseReason[] {
    const nowMs = this.#clock.now();
    return (['manual', 'automatic'] as const).flatMap((source) =>
      Array.from(this.#held[source], ([reason, { count, sinceMs }]) => ({
        source,
        reason,
        count,
        forMs: nowMs - sinceMs,
      })),
    );
  }

  #tell(before: boolean): void {
    const after = this.isPaused();
    if (after !== before) this.#changes.emit(after);
  }
}

export function createPauseReasons(options: Partial<PauseReasonsOptions> = {}): PauseReasons {
  return new PauseReasons(options);
}
