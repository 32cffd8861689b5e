import type { HealthEvent } from '@frame-buffer/registry';
import type { Logger } from '@frame-buffer/telemetry';
import type { Circuits } from './circuits.ts';

/** What a health probe says about a processor: each failure counts for its circuit, two cycles of them take it out. */
export function observeHealth(
  event: HealthEvent,
  { circuits, logger }: { circuits: Circuits; logger: Logger },
): void {
  const { processorId } = event;
  const fields = { processor_id: processorId };
  switch (event.type) {
    case 'probed':
      // A success says nothing about its frames.
      if (!event.outcome.ok) circuits.probeFailed(processorId);
      return;
    case 'unhealthy':
      logger.warn(`processor ${processorId} is unhealthy: ${event.reason}`, fields);
      return circuits.setHealthy(processorId, false);
    case 'recovered':
      logger.info(`processor ${processorId} is healthy again`, fields);
      return circuits.setHealthy(processorId, true);
  }
}
