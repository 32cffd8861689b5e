import { setTimeout as sleep } from 'node:timers/promises';
import type { FlatRecord } from '@frame-buffer/models';
import { type EntryReply, type GroupReader, recordOf } from '@frame-buffer/stream-consumer';
import { abortable } from './abortable.ts';
import type { Finisher } from './finisher.ts';
import { type FrameHandler, STOPPING } from './frame-handler.ts';
import type { ProcessorOptions } from './options.ts';
import { createRecentIds } from './recent-ids.ts';

export interface WorkLoopOptions extends Pick<ProcessorOptions, 'concurrency' | 'logger'> {
  readonly reader: GroupReader;
  readonly finisher: Finisher;
  readonly handle: FrameHandler;
  /** Frames delivered to this run that it may not have seen (after a broken connection). */
  readonly pending: () => Promise<EntryReply[]>;
  /** The queue is gone: this processor was declared dead, or Redis lost it. Resolves when it may read again; throws where it never may. */
  readonly onMissingQueue: () => Promise<void>;
}

export interface WorkLoop {
  /** Reads and processes until stopped. @throws what `onMissingQueue` throws */
  run(): Promise<void>;
  /** Frames in process now. */
  active(): number;
  /** Takes what is pending for this run and not in its hands. */
  recover(): Promise<void>;
  /**
   * Reads no more and gives back what isn't in process yet; ends when every frame in process has ended. When `over` is aborted,
   * those that are left are aborted and given back.
   */
  stop(over: AbortSignal): Promise<void>;
}

/** Pauses after reads that failed, so that an outage isn't a busy loop. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;
/** A reply that was delayed on its way tells of frames that have ended meanwhile; it is late by seconds at most. */
const REMEMBERED_FRAMES = 10_000;

/**
 * Takes frames from the work queue and processes at most `concurrency` at once.
 *
 * Invariants: (1) a frame taken is in `waiting`, `inProcess` or `ended`, and none is taken twice, in whichever way it is delivered
 * again, unless Redis lost its end; (2) every frame taken ends in exactly one of complete, fail, release, and is in `inProcess` until Redis has settled that;
 * (3) a failure here never ends the loop.
 */
export function createWorkLoop(options: WorkLoopOptions): WorkLoop {
  const { reader, finisher, handle, logger } = options;
  const inProcess = new Map<string, { ended: Promise<void>; abort: AbortController }>();
  /** Found pending while no slot was free. */
  const waiting = new Map<string, FlatRecord>();
  const ended = createRecentIds(REMEMBERED_FRAMES);
  /** Frames that end while Redis is asked what is pending. */
  let endedWhileAsking: Set<string> | undefined;
  const stopped = new AbortController();
  let slotFreed = Promise.withResolvers<void>();
  let failedReads = 0;

  /** @param isOver whether a frame has ended that this reply tells of */
  function take(entries: readonly EntryReply[], isOver: (id: string) => boolean): void {
    // What comes too late stays pending, and comes back as it is when the processor leaves.
    if (stopped.signal.aborted) return;
    for (const [id, fields] of entries) {
      if (!inProcess.has(id) && !isOver(id)) waiting.set(id, recordOf(fields ?? []));
    }
    startWaiting();
  }

  function startWaiting(): void {
    for (const [id, fields] of waiting) {
      if (inProcess.size >= options.concurrency) return;
      waiting.delete(id);
      const abort = new AbortController();
      start(id, abort, handle(id, fields, abort));
    }
  }

  function start(id: string, abort: AbortController, handled: Promise<void>): void {
    const settled = handled
      .then(
        () => {
          ended.add(id);
          endedWhileAsking?.add(id);
        },
        (error: unknown) =>
          logger.error('a frame could not be ended; it comes back when this run has left', {
            error,
            entry_id: id,
          }),
      )
      .finally(() => {
        inProcess.delete(id);
        startWaiting();
        slotFreed.resolve();
      });
    inProcess.set(id, { ended: settled, abort });
  }

  async function recover(): Promise<void> {
    const meanwhile = new Set<string>();
    endedWhileAsking = meanwhile;
    const entries = await options.pending();
    endedWhileAsking = undefined;
    // What ended before the question and is pending now is pending in truth: a failover has lost its end.
    take(entries, (id) => meanwhile.has(id));
  }

  /** @returns whether the queue could be read */
  async function step(): Promise<boolean> {
    const free = options.concurrency - inProcess.size - waiting.size;
    if (free <= 0) {
      slotFreed = Promise.withResolvers<void>();
      await slotFreed.promise;
      return true;
    }
    const outcome = await reader.read(free);
    switch (outcome.kind) {
      case 'entries':
        for (const { entries } of outcome.batches) take(entries, ended.has);
        return true;
      case 'missing_group':
        logger.warn(
          failedReads < 2
            ? 'the work queue is gone, registering again'
            : 'the work queue is missing though registered: do processor and orchestrator use the same Redis?',
        );
        await options.onMissingQueue();
        return false;
      case 'interrupted':
        logger.warn('connection to Redis interrupted, reading again', { error: outcome.error });
        await abortable(recover(), stopped.signal).catch((error: unknown) => {
          if (!stopped.signal.aborted) logger.warn('could not look for unseen frames', { error });
        });
        return false;
      case 'nothing':
      case 'closed':
        return true;
    }
  }

  return {
    active: () => inProcess.size,
    recover,
    async run() {
      while (!stopped.signal.aborted) {
        failedReads = (await step()) ? 0 : failedReads + 1;
        if (failedReads === 0) continue;
        const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (failedReads - 1), MAX_PAUSE_MS);
        await sleep(pauseMs, undefined, { signal: stopped.signal }).catch(() => {});
      }
    },
    async stop(over) {
      stopped.abort();
      slotFreed.resolve();
      reader.close();
      for (const id of waiting.keys())
        start(
          id,
          new AbortController(),
          finisher.release(id).then(() => {}),
        );
      waiting.clear();
      const abortAll = (): void => {
        for (const { abort } of inProcess.values()) abort.abort(STOPPING);
      };
      if (over.aborted) abortAll();
      else over.addEventListener('abort', abortAll, { once: true });
      await Promise.all([...inProcess.values()].map((frame) => frame.ended));
      over.removeEventListener('abort', abortAll);
    },
  };
}
