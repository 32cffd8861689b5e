import type { WorkQueue } from './work-queue.ts';

export interface QueueActivity {
  /** Delivered and not finished. */
  readonly pending: number;
  /** The id of the last entry that was delivered. */
  readonly lastDelivered: string;
  /** Whether entries wait that nobody has read. */
  readonly unread: boolean;
  /** Since a member of the group last asked for entries; undefined where none ever did. */
  readonly idleMs: number | undefined;
}

interface ActivityClient {
  call(command: string, ...args: string[]): Promise<unknown>;
  xrange(key: string, start: string, end: string, token: 'COUNT', count: number): Promise<unknown[]>;
}

/** Whether a queue is being read. @returns undefined where the queue or its group doesn't exist */
export async function queueActivity(
  client: ActivityClient,
  { queue, group }: Pick<WorkQueue, 'queue' | 'group'>,
): Promise<QueueActivity | undefined> {
  try {
    const groups = (await client.call('XINFO', 'GROUPS', queue)) as unknown[][];
    const info = groups.find((flat) => value(flat, 'name') === group);
    if (!info) return undefined;
    const consumers = (await client.call('XINFO', 'CONSUMERS', queue, group)) as unknown[][];
    const idle = consumers.map((flat) => Number(value(flat, 'idle')));
    const lastDelivered = String(value(info, 'last-delivered-id'));
    const next = await client.xrange(queue, `(${lastDelivered}`, '+', 'COUNT', 1);
    return {
      pending: Number(value(info, 'pending')),
      lastDelivered,
      unread: next.length > 0,
      idleMs: idle.length > 0 ? Math.min(...idle) : undefined,
    };
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('ERR no such key')) return undefined;
    throw error;
  }
}

const value = (flat: readonly unknown[], name: string): unknown => flat[flat.indexOf(name) + 1];
