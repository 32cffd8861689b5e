import { Registry } from 'prom-client';
import { BatchedCounter } from './batched-counter.ts';
import { BatchedHistogram } from './batched-histogram.ts';
import { PROCESSOR_METRICS as M } from './metric-names.ts';
import { scrapedGauge } from './scraped-figures.ts';

const PROCESSING_BUCKETS_S = [1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** The operation of a frame as a whole: the user's function and the publishing of its result. */
const WHOLE_FRAME = 'frame';

const OUTCOMES = ['completed', 'failed', 'fenced'] as const;
export type FrameOutcome = (typeof OUTCOMES)[number];

/** What a processor tells of its frames: the port that a processor client takes. */
export interface ProcessorInstruments {
  /** Called once for each frame that this run ended with. */
  onFrame(outcome: FrameOutcome, durationMs: number): void;
}

export interface ProcessorMetricsOptions {
  register: Registry;
  /** Frames in process, read at the scrape. */
  activeTasks: () => number | undefined;
}

export interface ProcessorMetrics extends ProcessorInstruments {
  /** Time of one step of the processor's own, such as `decode`; its name must come from a closed set. */
  operation(name: string, seconds: number): void;
  /** Where the number of frames in process is read at the scrape. */
  observe(figures: { activeTasks: () => number | undefined }): void;
  text(): Promise<string>;
  readonly contentType: string;
  readonly register: Registry;
}

export function createProcessorMetrics(
  options: { readonly processorId: string } & Partial<ProcessorMetricsOptions>,
): ProcessorMetrics {
  const { processorId } = options;
  const register = options.register ?? new Registry();
  let activeTasks = options.activeTasks;
  const processed = new BatchedCounter(M.framesProcessed, register);
  const duration = new BatchedHistogram(M.processingDuration, PROCESSING_BUCKETS_S, register);
  const fenced = new BatchedCounter(M.resultsFenced, register);
  for (const outcome of OUTCOMES) processed.add(0, processorId, outcome);
  scrapedGauge(M.activeTasks, register, () => activeTasks?.());
  return {
    onFrame(outcome, durationMs) {
      processed.add(1, processorId, outcome);
      duration.observe(durationMs / 1000, 1, processorId, WHOLE_FRAME);
      if (outcome === 'fenced') fenced.add(1);
    },
    operation: (name, seconds) => duration.observe(seconds, 1, processorId, name),
    observe(figures) {
      activeTasks = figures.activeTasks;
    },
    text: () => register.metrics(),
    contentType: register.contentType,
    register,
  };
}
