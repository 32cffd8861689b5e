import type { Tally } from './tally.ts';

export interface StepContext {
  /** Of the checkout. */
  readonly root: string;
  readonly signal: AbortSignal;
  /** A line of progress. */
  progress(line: string): void;
}

export interface StepResult {
  readonly isOk: boolean;
  readonly tally: Tally;
  /** A few words for the line of the step. */
  readonly summary?: string | undefined;
  /** Everything there is to read about it, shown where it failed. */
  readonly output: string;
}

export interface Step {
  readonly name: string;
  run(context: StepContext): Promise<StepResult>;
}
