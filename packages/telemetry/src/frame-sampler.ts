import { type Context, ROOT_CONTEXT, createContextKey } from '@opentelemetry/api';
import {
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SamplingResult,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node';

const DECIDED = createContextKey('frame-buffer: to be recorded');

/** Under this context every span is recorded: the decision was made before. */
export const RECORD: Context = ROOT_CONTEXT.setValue(DECIDED, true);

/** Head sampling: the parent decides; a new trace is sampled by its ratio. What was decided before is recorded. */
export class FrameSampler implements Sampler {
  private readonly ratio: TraceIdRatioBasedSampler;
  private readonly parentBased: ParentBasedSampler;

  constructor(ratio: number) {
    this.ratio = new TraceIdRatioBasedSampler(ratio);
    this.parentBased = new ParentBasedSampler({ root: this.ratio });
  }

  shouldSample(...args: Parameters<Sampler['shouldSample']>): SamplingResult {
    return args[0].getValue(DECIDED) === true
      ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
      : this.parentBased.shouldSample(...args);
  }

  /** Whether a new trace of this id is sampled: costs no span and no context. */
  samplesNew(traceId: string): boolean {
    return this.ratio.shouldSample(ROOT_CONTEXT, traceId).decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  toString(): string {
    return `FrameSampler{${this.parentBased.toString()}}`;
  }
}
