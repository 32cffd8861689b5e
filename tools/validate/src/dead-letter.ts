import type { FlatRecord } from '@frame-buffer/models';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Orchestrator } from './orchestrator.ts';

export interface FoundDeadLetter {
  readonly id: string;
  readonly fields: FlatRecord;
}

const POLL_MS = 100;
const NEWEST = 100;

/** Waits for the dead letter of a frame, looking among the newest. */
export async function findDeadLetter(
  orchestrator: Orchestrator,
  frameId: string,
  withinMs: number,
  signal: AbortSignal,
): Promise<FoundDeadLetter | undefined> {
  const deadline = performance.now() + withinMs;
  do {
    const { body } = await orchestrator.call('GET', `/dead-letters?count=${NEWEST}`);
    const { dead_letters: letters = [] } = (body ?? {}) as { dead_letters?: FoundDeadLetter[] };
    const found = letters.find(({ fields }) => fields['frame_id'] === frameId);
    if (found) return found;
    await sleep(POLL_MS, undefined, { signal });
  } while (performance.now() < deadline);
  return undefined;
}
