import { setTimeout as sleep } from 'node:timers/promises';
import { outstandingOf, type ScriptClient } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import type { Fleet } from './fleet.ts';
import { PAUSE_AFTER_FAILURE_MS } from './intake.ts';

export interface QueueCountOptions {
  readonly client: ScriptClient;
  readonly fleet: Fleet;
  readonly logger: Logger;
}

/** Tells the fleet what lies in every work queue now. Never throws. */
export async function countQueues({ client, fleet, logger }: QueueCountOptions): Promise<void> {
  const members = [...fleet.members()];
  try {
    const counted = await outstandingOf(
      client,
      members.map(({ target }) => target),
    );
    members.forEach((member, i) => {
      const outstanding = counted[i];
      if (outstanding === undefined) fleet.depart(member);
      else fleet.report(member, outstanding, 0);
    });
  } catch (error) {
    logger.warn('the work queues could not be counted', { error });
    await sleep(PAUSE_AFTER_FAILURE_MS);
  }
}
