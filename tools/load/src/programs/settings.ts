import type { ServiceTime } from '../plan/service-time.ts';

/** What the program of simulated processors is told, as one JSON argument. */
export interface SimulationSettings {
  readonly redisUrl: string;
  readonly orchestratorUrl: string;
  readonly processors: readonly SimulatedProcessor[];
  readonly service: ServiceTime;
  /** Frames in process at once, of each. */
  readonly concurrency: number;
  /** Frames outstanding at once, queued and in process, of each. */
  readonly capacity: number;
}

export interface SimulatedProcessor {
  readonly id: string;
  readonly capabilities: readonly string[];
}

/** Printed when all of them are registered. */
export const READY = 'all processors are registered';
