import type { ProcessorState } from '@frame-buffer/models';
import { ANY_PROCESSOR } from '../any-processor.ts';

export interface IdleFacts {
  readonly state: ProcessorState;
  readonly alive: boolean;
  /** Its health probes fail, and it is out of rotation for that. */
  readonly unhealthy: boolean;
  readonly breaker: string | null;
  readonly outstanding: number;
  readonly capacity: number;
  readonly capabilities: readonly string[];
  /** What frames asked for lately. */
  readonly asked: ReadonlySet<string>;
  readonly paused: boolean;
}

/** Why a processor gets no frames, in words. @returns null where it could get one */
export function idleReason(facts: IdleFacts): string | null {
  const { state, alive, unhealthy, breaker, outstanding, capacity, capabilities, asked, paused } = facts;
  if (!alive) return 'its heartbeat is missing';
  if (state === 'draining')
    return outstanding > 0 ? `draining: ${outstanding} to finish` : 'drained; restore it to use it again';
  if (state === 'isolated') return 'isolated; restore it to use it again';
  if (unhealthy) return 'its health probes fail';
  if (breaker === 'open') return 'its breaker is open after failures';
  if (breaker === 'isolated') return 'its breaker was opened by hand';
  if (outstanding >= capacity) return `at capacity: ${outstanding} of ${capacity} outstanding`;
  if (outstanding > 0) return null;
  if (paused) return 'reading is paused';
  // Frames that ask for nothing may go to any processor.
  if (!asked.has(ANY_PROCESSOR) && !capabilities.some((capability) => asked.has(capability)))
    return capabilities.length > 0
      ? `no frame asks for ${capabilities.join(' or ')}`
      : 'it has no capability';
  return null;
}
