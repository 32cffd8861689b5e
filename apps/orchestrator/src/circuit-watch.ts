import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import {
  type BooksReading,
  outcomesIn,
  outstandingOf,
  readOutcomes,
  type ScriptClient,
} from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import type { Circuits } from './circuits.ts';
import type { Fleet, Member } from './fleet.ts';

export interface CircuitWatchOptions {
  readonly client: ScriptClient & Parameters<typeof readOutcomes>[0];
  readonly keys: KeyNames;
  readonly fleet: Fleet;
  readonly circuits: Circuits;
  readonly logger: Logger;
}

/** Brings the circuits what lies in Redis: once a second for all, several times a second for those that aren't closed. */
export interface CircuitWatch {
  /** A reading of the books, once a second. */
  onReading(reading: BooksReading): void;
  run(signal: AbortSignal): Promise<void>;
}

/** A processor that has recovered is noticed this soon after its probe. */
const LOOK_EVERY_MS = 50;

export function createCircuitWatch(options: CircuitWatchOptions): CircuitWatch {
  const { client, keys, fleet, circuits, logger } = options;

  async function lookAt(members: readonly Member[]): Promise<void> {
    const ids = members.map(({ registration }) => registration.id);
    const targets = members.map(({ target }) => target);
    // Outstanding first: a result that comes in between is then in the counts, and a queue seen empty had all its results in them.
    const counts = await outstandingOf(client, targets);
    const outcomes = await readOutcomes(client, keys, ids);
    members.forEach((member, i) => {
      const outstanding = counts[i];
      if (outstanding !== undefined) fleet.report(member, outstanding, 0);
      // Older clients are told by their queues, in the books.
      const counted = outcomes[i];
      if (counted && member.target.completion === 'delete') circuits.outcome(ids[i] as string, counted);
    });
  }

  return {
    onReading({ queues, ledger }) {
      for (const { registration, target } of fleet.members()) {
        const row = queues.find(({ queue, group }) => queue === target.queue && group === target.group);
        if (row?.outstanding === undefined) continue;
        fleet.learn(registration.id, row.outstanding);
        const { completed, failed } = outcomesIn(ledger, registration.id);
        const onlyAcknowledged =
          target.completion === 'acknowledge' ? Math.max(0, row.open - row.outstanding) : 0;
        circuits.progress(
          registration.id,
          { completed: completed + onlyAcknowledged, failed },
          row.outstanding,
        );
      }
    },
    async run(signal) {
      while (!signal.aborted) {
        try {
          const troubled = circuits.troubled();
          if (troubled.length > 0) await lookAt(troubled);
          circuits.look();
        } catch (error) {
          if (!signal.aborted) logger.debug('the outcomes of processors could not be read', { error });
        }
        await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}
