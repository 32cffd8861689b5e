import type { KeyNames } from '@frame-buffer/models';
import type { ProcessFrame } from '@frame-buffer/processor-client';
import type { Redis } from 'ioredis';
import type { Note } from './finding.ts';
import type { Orchestrator } from './orchestrator.ts';
import type { Probe } from './probe.ts';
import type { ProbeResults } from './probe-results.ts';

/** What a task works with. */
export interface Context {
  readonly redis: Redis;
  readonly keys: KeyNames;
  /** Consumer group of the orchestrators. */
  readonly group: string;
  readonly orchestrator: Orchestrator;
  readonly probe: Probe;
  readonly results: ProbeResults;
  readonly note: Note;
  readonly signal: AbortSignal;
  /** Starts a processor of this probe and waits until it is in. It leaves at the end of the validation at the latest. */
  startProcessor(role: string, task: string, process: ProcessFrame): Promise<{ stop(): Promise<void> }>;
  /** Publishes probe frames at once. @returns their ids */
  publish(task: string, count: number): Promise<readonly string[]>;
}
