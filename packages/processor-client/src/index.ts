export {
  FrameGoneError,
  TerminalError,
  type ProcessContext,
  type ProcessFrame,
  type ProcessorFrame,
  type ProcessResult,
} from './frame.ts';
export { ProcessorRefusedError } from './membership.ts';
export type { ProcessorOptions, RequiredOptions } from './options.ts';
export type { FrameOutcome, FrameTrace, ProcessorPorts } from './ports.ts';
export { createProcessor, type Processor } from './processor.ts';
export { ProcessorClient, type ProcessorClientOptions } from './processor-client.ts';
