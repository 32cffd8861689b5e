/** The five tasks of the integration plan, in their order. */
export const TASKS = {
  capture: 'capture to stream',
  stream: 'stream to orchestrator',
  endToEnd: 'end to end',
  performance: 'performance',
  failure: 'failure scenarios',
} as const;
export type Task = keyof typeof TASKS;

/** One thing that was looked at, and what was found. */
export interface Finding {
  readonly task: Task;
  readonly check: string;
  readonly passed: boolean;
  /** What was seen, in words. */
  readonly detail: string;
}

export type Note = (check: string, passed: boolean, detail: string) => void;
