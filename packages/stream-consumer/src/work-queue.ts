import type { Completion, KeyNames } from '@frame-buffer/models';
import { loadScript, type ScriptClient } from './script.ts';

/** A processor's work queue, as much of it as the scripts need. */
export interface WorkQueue {
  readonly queue: string;
  readonly group: string;
  readonly completion: Completion;
}

/** What counts as a failed attempt: the processor died, or its function threw. */
export interface Failure {
  readonly processorId: string;
  /** One sentence for the list of errors that a dead letter shows. */
  readonly error: string;
  /** ISO 8601. */
  readonly at: string;
  /** Another attempt would be useless. */
  readonly terminal?: boolean;
}

/** Entries moved in one call: small enough that Redis serves others in between, large enough to be done soon. */
const RECLAIM_CHUNK = 256;

const reclaimScript = loadScript('reclaim');
const outstandingScript = loadScript('outstanding-of');

export function failureForScript(failure: Failure): object {
  return {
    processor_id: failure.processorId,
    error: failure.error,
    at: failure.at,
    terminal: failure.terminal ?? false,
  };
}

/** Creates queue and group, from the beginning, if they are missing. Must be done before a registration is answered. */
export async function createWorkQueue(
  client: { xgroup(...args: ['CREATE', string, string, string, 'MKSTREAM']): Promise<unknown> },
  { queue, group }: Pick<WorkQueue, 'queue' | 'group'>,
): Promise<void> {
  try {
    await client.xgroup('CREATE', queue, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('BUSYGROUP')) throw error;
  }
}

/**
 * Moves a whole queue, pending and unread, to the retry stream, and deletes it. The processor must have left the registry, so that
 * nothing new arrives; from the moment that a registration names the queue (again), nothing more is taken from it.
 * @param failure counts as an attempt of the frames that were delivered; without one they come back as they went
 * @returns how many frames were moved
 */
export async function reclaimQueue(
  client: ScriptClient,
  keys: KeyNames,
  { queue, group, completion }: WorkQueue,
  failure?: Failure,
): Promise<number> {
  const request = {
    group,
    completion,
    limit: RECLAIM_CHUNK,
    ...(failure ? { failure: failureForScript(failure) } : {}),
  };
  let total = 0;
  for (;;) {
    const [moved, left] = (await reclaimScript.run(
      client,
      [keys.ledger, queue, keys.retry, keys.registry],
      request,
    )) as [number, number];
    total += moved;
    if (left === 0) return total;
  }
}

/** Outstanding entries of each queue at one moment, in the order given; undefined where a queue doesn't exist. */
export async function outstandingOf(
  client: ScriptClient,
  queues: readonly WorkQueue[],
): Promise<(number | undefined)[]> {
  if (queues.length === 0) return [];
  const request = { queues: queues.map(({ group, completion }) => [group, completion]) };
  const counts = (await outstandingScript.run(
    client,
    queues.map(({ queue }) => queue),
    request,
  )) as number[];
  return counts.map((count) => (count < 0 ? undefined : count));
}
