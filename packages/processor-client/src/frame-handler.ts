import { decodeFrame, faultsText, type FlatRecord } from '@frame-buffer/models';
import { abortable } from './abortable.ts';
import { failureText } from './failure-text.ts';
import type { Finisher } from './finisher.ts';
import { type ProcessContext, type ProcessorFrame, type ProcessResult, TerminalError } from './frame.ts';
import type { ProcessorOptions } from './options.ts';
import { type PictureClient, readPicture } from './picture.ts';
import { resultRecord } from './result-record.ts';

export interface FrameHandlerOptions extends Pick<
  ProcessorOptions,
  'id' | 'process' | 'timeoutMs' | 'logger' | 'trace' | 'onFrame'
> {
  readonly finisher: Finisher;
  readonly pictures: PictureClient;
}

/**
 * Processes one entry of the work queue and ends it: completed, failed, or, where `abort` says so with STOPPING, released.
 * Resolves when Redis has settled that. @throws where it can't be settled any more
 */
export type FrameHandler = (entryId: string, fields: FlatRecord, abort: AbortController) => Promise<void>;

/** The reason of an abort that is no fault of the frame: it goes back as it came. */
export const STOPPING = new Error('the processor is stopping');

/** The same words whatever the reason, so that many failures become one line. */
const FAILED = 'a frame failed';

export function createFrameHandler(options: FrameHandlerOptions): FrameHandler {
  const { finisher, logger } = options;

  async function withinTime(
    frame: ProcessorFrame,
    abort: AbortController,
    context: ProcessContext,
  ): Promise<ProcessResult> {
    const { timeoutMs } = options;
    const timer =
      timeoutMs > 0
        ? setTimeout(() => abort.abort(new Error(`not done within ${timeoutMs} ms`)), timeoutMs)
        : undefined;
    try {
      return await abortable((async () => options.process(frame, context))(), abort.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  return async function handle(entryId, fields, abort) {
    const decoded = decodeFrame(fields);
    if (!decoded.ok) {
      const error = `unreadable record: ${faultsText(decoded.faults)}`;
      logger.warn(FAILED, { error, frame_id: fields['frame_id'], entry_id: entryId });
      await finisher.fail(entryId, { error, terminal: true });
      options.onFrame('failed', 0);
      return;
    }
    const frame: ProcessorFrame = {
      ...decoded.value,
      capability: fields['capability'] || undefined,
      image: () => readPicture(decoded.value.storage, options.pictures),
    };
    const trace = options.trace(fields);
    const frameLogger = logger.child({
      frame_id: frame.frameId,
      camera_id: frame.cameraId,
      ...trace.logFields,
    });
    const startedMs = performance.now();
    let record: FlatRecord;
    let durationMs: number;
    try {
      const result = await withinTime(frame, abort, {
        signal: abort.signal,
        span: trace.span,
        logger: frameLogger,
      });
      durationMs = performance.now() - startedMs;
      const finishedAtMs = Date.now();
      record = resultRecord(frame, result, {
        processorId: options.id,
        finishedAtMs,
        durationMs,
        traceparent: trace.publish(),
      });
    } catch (error) {
      trace.end(error);
      // A stop is no fault of the frame: it goes back as it came.
      if (abort.signal.reason === STOPPING) return void (await finisher.release(entryId));
      const text = failureText(error);
      frameLogger.warn(FAILED, { error: text, attempt: frame.attempt });
      await finisher.fail(entryId, { error: text, terminal: error instanceof TerminalError });
      options.onFrame('failed', performance.now() - startedMs);
      return;
    }
    let refused: Error | undefined;
    try {
      const published = await finisher.complete(entryId, record);
      if (!published) refused = new Error('result refused: the frame had been taken back meanwhile');
      if (refused) frameLogger.warn(refused.message);
      options.onFrame(published ? 'completed' : 'fenced', durationMs);
    } finally {
      trace.end(refused);
    }
  };
}
