import type { FlatRecord } from '@frame-buffer/models';
import { type Logger, type ProcessingTrace, silentLogger } from '@frame-buffer/telemetry';

export type FrameOutcome = 'completed' | 'failed' | 'fenced';
export type FrameTrace = Pick<ProcessingTrace, 'span' | 'logFields' | 'end'> & {
  /** Begins `publish_result`. @returns the traceparent that travels on with the result */
  publish(): string | undefined;
};

/** Where a processor's logs, spans and figures go. */
export interface ProcessorPorts {
  logger: Logger;
  /** Restores the trace that a frame's record carries. */
  trace: (fields: FlatRecord) => FrameTrace;
  /** Called once for each frame that ended here. */
  onFrame: (outcome: FrameOutcome, durationMs: number) => void;
}

/** No telemetry: the trace context travels on as it came. */
export const silentPorts: ProcessorPorts = {
  logger: silentLogger,
  trace: (fields) => ({
    span: { setAttribute: () => {} },
    logFields: { trace_id: '', span_id: '' },
    publish: () => fields['traceparent'],
    end: () => {},
  }),
  onFrame: () => {},
};
