import type { Frame } from '@frame-buffer/models';
import type { Logger, ProcessingSpan } from '@frame-buffer/telemetry';

/** A frame as the author of a processor sees it. */
export interface ProcessorFrame extends Frame {
  /** The capability it is here for; undefined where it asked for none. */
  readonly capability: string | undefined;
  /**
   * Its encoded picture, from wherever it is kept; read anew with each call.
   * @throws FrameGoneError where it has expired, TerminalError where the record doesn't say where it is
   */
  image(): Promise<Buffer>;
}

export interface ProcessContext {
  /** Aborted when the frame's time is up or the processor must stop. */
  readonly signal: AbortSignal;
  readonly span: ProcessingSpan;
  /** Writes with the frame's id and trace. */
  readonly logger: Logger;
}

/** Fields of the result; values that aren't strings are written as JSON. */
export type ProcessResult = Readonly<Record<string, unknown>> | void;

export type ProcessFrame = (
  frame: ProcessorFrame,
  context: ProcessContext,
) => Promise<ProcessResult> | ProcessResult;

/** Thrown by `process`: another attempt would be useless, so the frame becomes a dead letter at once. */
export class TerminalError extends Error {
  override readonly name: string = 'TerminalError';
}

/** The picture of a frame has expired or was deleted: it won't come back, so this is terminal. */
export class FrameGoneError extends TerminalError {
  override readonly name = 'FrameGoneError';
}
