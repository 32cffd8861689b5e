import { setTimeout as sleep } from 'node:timers/promises';
import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import {
  completeFrames,
  type FinishOptions,
  giveBack,
  type ScriptClient,
} from '@frame-buffer/stream-consumer';
import { abortable } from './abortable.ts';

export interface FinisherOptions extends FinishOptions {
  readonly client: ScriptClient;
  readonly keys: KeyNames;
  readonly results: string;
  readonly capacity: number;
  readonly onError: (error: Error) => void;
  /** Ends the calls under way and their retries: what isn't finished then goes to others when the processor has left. */
  readonly signal: AbortSignal;
}

/** Ends frames: publishes results and gives failed frames back, and says whether they were still ours. */
export interface Finisher {
  complete(entryId: string, result: FlatRecord): Promise<boolean>;
  fail(entryId: string, failure: { error: string; terminal: boolean }): Promise<boolean>;
  /** Back as it came: not a failure. */
  release(entryId: string): Promise<boolean>;
}

interface Waiting {
  readonly entryId: string;
  readonly result: FlatRecord;
  readonly settled: PromiseWithResolvers<boolean>;
}

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 5_000;
/** Results in one call: Redis serves others in between. */
const MAX_BATCH = 256;

/** Results that become ready while a call is under way go together in the next one. */
export function createFinisher(options: FinisherOptions): Finisher {
  const { client, onError, signal } = options;
  const waiting: Waiting[] = [];
  let flushing = false;

  async function flush(): Promise<void> {
    flushing = true;
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MAX_BATCH);
      try {
        const answers = await insist(() => completeFrames(client, batch, options));
        batch.forEach(({ settled }, i) => settled.resolve(answers[i] ?? false));
      } catch (error) {
        for (const { settled } of batch) settled.reject(error);
      }
    }
    flushing = false;
  }

  /** A script that fails has changed nothing, so it is run again until it succeeds: the frame stays ours meanwhile. */
  async function insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(delayMs * 2, MAX_RETRY_MS)) {
      try {
        // A command waits as long as Redis is away; even a client that is disconnected for good never answers it.
        return await abortable(attempt(), signal);
      } catch (error) {
        if (signal.aborted) throw error;
        onError(error as Error);
        await sleep(delayMs, undefined, { signal });
      }
    }
  }

  return {
    complete(entryId, result) {
      const settled = Promise.withResolvers<boolean>();
      waiting.push({ entryId, result, settled });
      if (!flushing) void flush();
      return settled.promise;
    },
    fail: (entryId, { error, terminal }) =>
      insist(() => {
        const failure = { processorId: options.processorId, error, terminal, at: new Date().toISOString() };
        return giveBack(client, entryId, failure, options);
      }),
    release: (entryId) => insist(() => giveBack(client, entryId, undefined, options)),
  };
}
