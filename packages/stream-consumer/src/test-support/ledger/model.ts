/** Where a frame (or, once it was handed off, one copy of it) is. `id` and `holder` are known once it was read. */
export type Place =
  | {
      readonly at: 'input' | 'retry';
      readonly id?: string;
      readonly holder?: string;
      /** A publisher trimmed its entry after it was read: whoever holds the record can still move it, nobody can read it again. */
      readonly trimmed?: true;
    }
  | { readonly at: 'queue'; readonly queue: string; readonly id?: string }
  | { readonly at: 'completed' | 'dead letter' | 'shed' | 'lost' };

export interface ModelFrame {
  /** `<frame id>/<capability>`, or all that it asks for while it is whole. */
  readonly key: string;
  readonly wanted: readonly string[];
  attempt: number;
  place: Place;
}

export interface ModelProcessor {
  readonly id: string;
  readonly capacity: number;
  readonly completion: 'delete' | 'acknowledge';
  registered: boolean;
  queueExists: boolean;
}

type At = Place['at'];

/** The books as they must be: every frame in one place, and nothing else. */
export class LedgerModel {
  frames = new Map<string, ModelFrame>();
  readonly processors: ModelProcessor[];
  captured = 0;
  fanout = 0;
  fenced = 0;
  /** Completions with a result: all but those that clients which only acknowledge publish themselves. */
  results = 0;
  /** Dead letters that somebody deleted: they stay dead-lettered. */
  deletedLetters = 0;
  /** Results that were published, by queue and entry: a completion that is sent again is told so. */
  readonly published = new Set<string>();
  /** Never starts again, so that no two frames of a run share a name. */
  named = 0;

  constructor(processors: readonly Pick<ModelProcessor, 'id' | 'capacity' | 'completion'>[]) {
    this.processors = processors.map((processor) => ({
      ...processor,
      registered: false,
      queueExists: false,
    }));
  }

  /** Everything is gone, but what programs remember. */
  forget(): void {
    this.frames.clear();
    this.published.clear();
    this.captured = this.fanout = this.fenced = this.results = this.deletedLetters = 0;
    for (const processor of this.processors) processor.registered = processor.queueExists = false;
  }

  capture(frameId: string, entryId: string, wanted: readonly string[]): void {
    const key = keyOf(frameId, wanted);
    this.frames.set(key, { key, wanted, attempt: 1, place: { at: 'input', id: entryId } });
    this.captured++;
  }

  /** One copy for each capability takes the place of the frame. */
  split(frame: ModelFrame, queues: readonly string[]): void {
    this.frames.delete(frame.key);
    const [frameId] = frame.key.split('/') as [string];
    frame.wanted.forEach((capability, i) => {
      const key = keyOf(frameId, [capability]);
      const place: Place = { at: 'queue', queue: queues[i] as string };
      this.frames.set(key, { key, wanted: [capability], attempt: frame.attempt, place });
    });
    this.fanout += frame.wanted.length - 1;
  }

  /** Whether an entry of the input or the retry stream is still to be settled, by whomever. */
  isPending(source: 'input' | 'retry', id: string, key: string): boolean {
    const place = this.frames.get(key)?.place;
    return place?.at === source && place.id === id && place.holder !== undefined;
  }

  /** Whether an entry of a work queue is still to be finished. */
  isOutstanding(queue: string, id: string, key: string): boolean {
    const place = this.frames.get(key)?.place;
    return place?.at === 'queue' && place.queue === queue && place.id === id;
  }

  at(where: At): ModelFrame[] {
    return [...this.frames.values()].filter(({ place }) => place.at === where);
  }

  inQueue(queue: string): ModelFrame[] {
    return this.at('queue').filter(({ place }) => place.at === 'queue' && place.queue === queue);
  }

  get(key: string): ModelFrame {
    const frame = this.frames.get(key);
    if (!frame) throw new Error(`there is a frame ${key} that nobody published, or twice`);
    return frame;
  }

  books(): Record<string, number> {
    const input = this.at('input');
    const pending = input.filter(({ place }) => place.at === 'input' && place.holder !== undefined);
    return {
      captured: this.captured,
      fanout: this.fanout,
      unread: input.length - pending.length,
      pendingInput: pending.length,
      waitingRetry: this.at('retry').length,
      outstanding: this.at('queue').length,
      completed: this.at('completed').length,
      deadLettered: this.at('dead letter').length,
      shed: this.at('shed').length,
      lostUpstream: this.at('lost').length,
      unaccounted: 0,
    };
  }
}

export function keyOf(frameId: string, wanted: readonly string[]): string {
  return `${frameId}/${wanted.join('+')}`;
}
