import type { ProcessContext, ProcessorFrame, ProcessResult } from './frame.ts';
import type { ProcessorOptions } from './options.ts';
import { createProcessor, type Processor } from './processor.ts';

export type ProcessorClientOptions = Pick<ProcessorOptions, 'id' | 'capabilities'> &
  Partial<Omit<ProcessorOptions, 'process'>>;

/** The same processor as a class to extend, for those who come from the earlier client. */
export abstract class ProcessorClient {
  readonly #processor: Processor;

  constructor(options: ProcessorClientOptions) {
    this.#processor = createProcessor({
      ...options,
      process: (frame, context) => this.processFrame(frame, context),
    });
  }

  /** What is done to a frame: returns the result's fields, or throws to give the frame back. */
  abstract processFrame(
    frame: ProcessorFrame,
    context: ProcessContext,
  ): Promise<ProcessResult> | ProcessResult;

  get id(): string {
    return this.#processor.id;
  }

  /** Registers, works until SIGTERM or SIGINT (or `stop`), drains, leaves. @throws ProcessorRefusedError */
  run(): Promise<void> {
    return this.#processor.run();
  }

  /** Drains and leaves; `run` returns then. */
  stop(): Promise<void> {
    return this.#processor.stop();
  }

  /** Whether it is registered and connected to Redis. */
  ready(): boolean {
    return this.#processor.ready();
  }

  /** Frames in process now. */
  active(): number {
    return this.#processor.active();
  }
}
