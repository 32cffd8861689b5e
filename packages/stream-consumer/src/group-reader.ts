import type { Redis } from 'ioredis';
import { entriesOf } from './entry.ts';
import type { StreamEntries } from './entries-parser.ts';
import { createRawReads } from './raw-read.ts';

/** What one read brought. `interrupted`: the connection broke, so entries may be pending for us that we never saw: adopt them. */
export type ReadOutcome =
  | { readonly kind: 'entries'; readonly batches: StreamEntries }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'missing_group' }
  | { readonly kind: 'interrupted'; readonly error: Error }
  | { readonly kind: 'closed' };

export interface GroupReaderOptions {
  /** Makes a connection used for nothing but this reader's blocking reads. Called again when one stands still. */
  readonly connect: () => Redis;
  readonly group: string;
  readonly consumer: string;
  readonly streams: readonly string[];
  /** How long a read waits for something new. */
  readonly blockMs: number;
  /** How long an answer may be overdue before the connection is replaced. */
  readonly overdueMs?: number;
}

export interface GroupReader {
  /** Reads up to `count` new entries of each stream. One read at a time. */
  read(count: number): Promise<ReadOutcome>;
  close(): void;
}

/** Redis answers a blocked read within some milliseconds of its end; two seconds are a standstill, not a delay. */
const DEFAULT_OVERDUE_MS = 2_000;

/**
 * Reads new entries of streams as a member of a consumer group, on a connection of its own.
 *
 * Invariants: (1) a blocked read is finite; (2) an overdue one has its connection destroyed and replaced, so nothing hangs on a
 * half-open connection; (3) whenever a delivery may have been lost on the way, the outcome says so.
 */
export function createGroupReader(options: GroupReaderOptions): GroupReader {
  const { group, consumer, streams, blockMs } = options;
  const overdueMs = options.overdueMs ?? DEFAULT_OVERDUE_MS;
  let closed = false;
  let broken: Error | undefined;
  /** Ends the present read. A client that is disconnected while it was not connected never answers it. */
  let giveUp = (): void => {};
  /** Whether the last read brought as much as it asked for: there is more. */
  let backlog = false;
  let client = open();
  const raw = createRawReads();
  const wanted = streams.map(() => '>');

  function open(): Redis {
    const fresh = options.connect();
    let ready = false;
    fresh.on('ready', () => (ready = true));
    fresh.on('close', () => {
      if (ready && fresh === client) broken ??= new Error('the connection to Redis was lost');
      ready = false;
    });
    return fresh;
  }

  function replace(reason: Error): void {
    const old = client;
    broken ??= reason;
    client = open();
    end(old);
  }

  async function readBlocking(count: number): Promise<StreamEntries> {
    const args = [
      'GROUP',
      group,
      consumer,
      'COUNT',
      count,
      'BLOCK',
      blockMs,
      'STREAMS',
      ...streams,
      ...wanted,
    ];
    return entriesOf(await client.call('XREADGROUP', ...args));
  }

  /** What lies ready, at the speed that a backlog asks for. An error is left to the blocking read, which gets it again. */
  async function readReady(count: number): Promise<StreamEntries> {
    const args = ['GROUP', group, consumer, 'COUNT', String(count), 'STREAMS', ...streams, ...wanted];
    return (await raw.read(client, ['XREADGROUP', ...args])) ?? readBlocking(count);
  }

  async function read(count: number): Promise<ReadOutcome> {
    if (closed) return { kind: 'closed' };
    // Said before the next read: where entries always wait, there is no other moment for it.
    if (broken) return interrupted(broken);
    const overdue = Promise.withResolvers<'overdue'>();
    giveUp = () => overdue.resolve('overdue');
    const timer = setTimeout(giveUp, blockMs + overdueMs);
    try {
      const reading = backlog ? readReady(count) : readBlocking(count);
      reading.catch(() => {}); // A read that was given up on may still fail later.
      const reply = await Promise.race([reading, overdue.promise]);
      // A reader that was closed must not connect again.
      if (closed && reply === 'overdue') return { kind: 'closed' };
      if (reply === 'overdue') replace(new Error(`a read was overdue by ${overdueMs} ms`));
      else {
        const batches = reply;
        backlog = batches.some(({ entries }) => entries.length === count);
        if (batches.length > 0) return { kind: 'entries', batches };
      }
      if (closed) return { kind: 'closed' };
    } catch (error) {
      if (closed) return { kind: 'closed' };
      if (isMissingGroup(error)) return { kind: 'missing_group' };
      backlog = false;
      broken ??= error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(timer);
    }
    return broken ? interrupted(broken) : { kind: 'nothing' };
  }

  function interrupted(error: Error): ReadOutcome {
    broken = undefined;
    backlog = false;
    return { kind: 'interrupted', error };
  }

  return {
    read,
    close() {
      closed = true;
      giveUp();
      end(client);
    },
  };
}

/** `disconnect` alone waits for the other side to say goodbye, which a half-open connection never does. */
function end(client: Redis): void {
  client.disconnect();
  (client as unknown as { stream?: { destroy(): void } }).stream?.destroy();
}

/** The group or its stream is gone: a flush, a failover that lost it, or a queue that was taken back. */
export function isMissingGroup(error: unknown): boolean {
  return error instanceof Error && /^(NOGROUP|UNBLOCKED)/.test(error.message);
}
