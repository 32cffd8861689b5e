import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames, Registration } from '@frame-buffer/models';
import type { Registry } from '@frame-buffer/registry';
import {
  adoptPending,
  consumersOf,
  pendingIdsOf,
  queueActivity,
  reclaimQueue,
  trimAcknowledged,
  trimInput,
  trimResults,
  type Source,
} from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import type { Redis } from 'ioredis';
import type { TakeBack } from './departure.ts';
import type { Fleet } from './fleet.ts';
import type { HungProcessors } from './hung-processors.ts';
import type { Journey } from './journey.ts';
import type { LedgerWatch } from './ledger-watch.ts';

export interface JanitorOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly group: string;
  readonly orchestratorId: string;
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly journey: Journey;
  readonly ledger: LedgerWatch;
  readonly takeBack: TakeBack;
  readonly silentQueueMs: number;
  readonly hung: HungProcessors;
  /** Told of each processor that we removed because it was dead, or hung. */
  readonly onDeath: (processorId: string) => void;
  readonly logger: Logger;
}

/** Chores that every orchestrator does, none of them special: whoever comes first does it, the others find it done. */
export interface Janitor {
  run(signal: AbortSignal): Promise<void>;
  /** Brings the fleet in line with the registry. */
  refreshFleet(): Promise<void>;
  /** Takes over what is pending for consumers whose lease has expired, and what was delivered to us unseen. */
  adopt(): Promise<void>;
  /** Others may have taken what we hold, or still do: for a while it is compared with what is pending for us. */
  doubt(): void;
}

const SWEEP_MS = 500;
/** Chores that look at every queue are done this often. */
const SLOW_CHORE_EVERY_SWEEPS = 4;
/** Longer than it takes to adopt what one orchestrator can hold. */
const DOUBT_MS = 10_000;

export function createJanitor(options: JanitorOptions): Janitor {
  const { client, keys, group, orchestratorId, registry, fleet, journey, ledger, takeBack, logger } = options;
  const streams: readonly (readonly [Source, string])[] = [
    ['input', keys.input],
    ['retry', keys.retry],
  ];

  let doubtUntilMs = Number.NEGATIVE_INFINITY;

  async function refreshFleet(): Promise<void> {
    fleet.update(await registry.list());
    journey.pump();
  }

  async function buryDead(): Promise<void> {
    for (const { registration } of await registry.removeDead()) {
      logger.error(`processor ${registration.id} died: no heartbeat for ${registration.lease_ms} ms`, {
        processor_id: registration.id,
      });
      options.onDeath(registration.id);
      await takeBack(registration, 'the processor died');
    }
  }

  /** A program may hang and still send heartbeats: whoever has frames waiting and none in process reads, or isn't there. */
  async function removeSilent(): Promise<void> {
    for (const { registration, target } of fleet.members()) {
      const activity = await queueActivity(client, target);
      if (!activity?.unread || activity.pending > 0) continue;
      const idleMs = activity.idleMs ?? Date.now() - Date.parse(registration.registered_at);
      if (idleMs < options.silentQueueMs) continue;
      await declareDead(
        registration,
        `sends heartbeats but has not read its queue for ${seconds(idleMs)}: removed`,
        'its queue was not read',
      );
    }
  }

  /** Another thread may send the heartbeats of a program that hangs with frames in its hands. */
  async function removeHung(): Promise<void> {
    for (const { member, probes, idleMs } of await options.hung.find()) {
      const { reason, forMs } = probes;
      await declareDead(
        member.registration,
        `is dead: its health probes have failed for ${seconds(forMs)} (${reason}), and it has neither read nor finished a frame for ${seconds(idleMs)}: removed`,
        `its health probes failed (${reason}), and it did nothing`,
      );
    }
  }

  /** @param fault what is said of it in the log @param error what its frames tell of the attempt */
  async function declareDead(registration: Registration, fault: string, error: string): Promise<void> {
    if (!(await registry.declareDead(registration))) return;
    logger.error(`processor ${registration.id} ${fault}`, { processor_id: registration.id });
    options.onDeath(registration.id);
    await takeBack(registration, error);
  }

  /** Queues that hold frames and belong to nobody: whoever was taking them back died over it. */
  async function emptyOrphans(): Promise<void> {
    const reading = ledger.latest();
    if (!reading) return;
    const owned = new Set((await registry.list()).map(({ registration }) => registration.queue));
    for (const queue of reading.queues) {
      if (owned.has(queue.queue) || queue.outstanding === undefined) continue;
      const failure = {
        processorId: 'unknown',
        error: 'the processor is gone',
        at: new Date().toISOString(),
      };
      const count = await reclaimQueue(client, keys, queue, failure);
      if (count > 0)
        logger.warn(`${count} frames in ${queue.queue}, which belongs to no processor, go to others`);
    }
  }

  const doubt = (): void => void (doubtUntilMs = performance.now() + DOUBT_MS);

  /** Frames that others adopted would stand for those that are pending for us unseen. */
  async function letGo(source: Source, stream: string): Promise<void> {
    if (performance.now() >= doubtUntilMs) return;
    const askPending = () => pendingIdsOf(client, stream, group, orchestratorId);
    const count = await journey.letGo(source, askPending);
    if (count > 0) logger.warn(`let go of ${count} frames that are pending for us no more: others have them`);
  }

  async function adopt(): Promise<void> {
    for (const [source, stream] of streams) {
      await letGo(source, stream);
      for (const { name, pending } of await consumersOf(client, stream, group)) {
        const own = name === orchestratorId;
        if (own ? pending <= journey.held(source) : await hasLease(name)) continue;
        let count = 0;
        for await (const { entries, lost } of adoptPending(client, source, {
          keys,
          group,
          consumer: name,
          heir: orchestratorId,
        })) {
          if (lost > 0)
            logger.error(`${lost} pending entries of ${stream} had been deleted: lost`, { consumer: name });
          count += entries.length;
          await journey.adopt(entries);
        }
        if (own || count === 0) continue;
        logger.warn(`adopted ${count} frames of orchestrator ${name}, whose lease has expired`);
        // It may only have stood still, and hand off what it still holds.
        doubt();
      }
    }
  }

  const hasLease = async (consumer: string): Promise<boolean> =>
    (await client.exists(keys.orchestrator(consumer))) === 1;

  async function trim(): Promise<void> {
    await trimInput(client, keys);
    const results = new Set([keys.results]);
    for (const { target, registration } of fleet.members()) {
      results.add(registration.results);
      if (target.completion === 'acknowledge') await trimAcknowledged(client, keys, target.queue);
    }
    for (const stream of results) await trimResults(client, keys, stream);
  }

  return {
    refreshFleet,
    adopt,
    doubt,
    async run(signal) {
      for (let sweep = 0; !signal.aborted; sweep++) {
        const chores = [
          buryDead,
          removeHung,
          refreshFleet,
          adopt,
          emptyOrphans,
          ...(sweep % SLOW_CHORE_EVERY_SWEEPS === 0 ? [trim, removeSilent] : []),
        ];
        for (const chore of chores) {
          if (signal.aborted) return;
          await chore().catch((error: unknown) => {
            if (!signal.aborted) logger.warn(`a chore failed and is done again: ${chore.name}`, { error });
          });
        }
        await sleep(SWEEP_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;
