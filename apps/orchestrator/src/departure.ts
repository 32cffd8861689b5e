import type { KeyNames, Registration } from '@frame-buffer/models';
import { forgetOutcomes, reclaimQueue, type ScriptClient } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';

/**
 * Takes the queue of a processor back that died, left or was replaced by another run. The registry must know of it already.
 * @param error counts as a failed attempt of the frames that it had been given; without one they come back as they went
 * @returns how many frames came back
 */
export type TakeBack = (registration: Registration, error?: string) => Promise<number>;

export function createTakeBack(
  client: ScriptClient & Parameters<typeof forgetOutcomes>[0],
  keys: KeyNames,
  logger: Logger,
  clock: () => number,
): TakeBack {
  return async (registration, error) => {
    const { id: processorId } = registration;
    const failure =
      error === undefined ? undefined : { processorId, error, at: new Date(clock()).toISOString() };
    const count = await reclaimQueue(client, keys, registration, failure);
    await forgetOutcomes(client, keys, processorId);
    if (count > 0)
      logger.warn(`${count} frames of ${processorId} go to others${error ? `: ${error}` : ''}`, {
        processor_id: processorId,
      });
    return count;
  };
}
