import type { Books, Completion, KeyNames } from '@frame-buffer/models';
import { loadScript, type ScriptClient } from './script.ts';
import type { WorkQueue } from './work-queue.ts';

/**
 * The ledger's fields: running totals, each moved by the script that moves the frames.
 *
 * `base`, `removed_before`: the input when the books were opened · `acknowledged`: input entries settled · `fanout`: copies beyond
 * the first · `handed_off` · `retried` · `completed` · `dead_lettered` · `requeued` · `shed` (these two also by reason, as `shed:room_full`) · `fenced` · `trimmed`: input entries
 * that the janitor removed · `added_seen`, `made_again`: to notice an input that was deleted and made again · `found_in_queues`: frames in queues that another service had filled · `lost_upstream`, `lost_pending`, `lost_in_queues` · `open:<completion>:<group>:<queue>`: frames handed
 * to a queue that no script has taken out of it.
 */
export type Ledger = Readonly<Record<string, number>>;

export interface BooksReading {
  readonly books: Books;
  readonly ledger: Ledger;
  /** Every queue that the ledger knows, with its outstanding frames (undefined: it doesn't exist any more). */
  readonly queues: readonly (WorkQueue & {
    readonly open: number;
    readonly outstanding: number | undefined;
  })[];
}

export interface BooksOptions {
  readonly keys: KeyNames;
  readonly group: string;
}

/** Read entries left in an input that publishers trim themselves are counted one by one, up to this many. */
const MAX_COUNTED = 20_000;
/** Queues come and go while the books are read; with a new list of queues each time this many tries are plenty. */
const MAX_TRIES = 5;

const openScript = loadScript('open-books');
const booksScript = loadScript('books');

/**
 * Creates streams, groups and the ledger where they are missing. Safe to call at any time.
 * @returns whether the books are new
 * @throws Error `HANDEDBACK ...` where the input was given back to an older service by `handBackGroup`
 */
export async function openBooks(
  client: ScriptClient,
  { keys, group }: BooksOptions,
  at: string,
): Promise<boolean> {
  const scriptKeys = [keys.ledger, keys.input, keys.retry, keys.cutover, keys.registry];
  return (await openScript.run(client, scriptKeys, { group, at })) === 1;
}

type BooksReply = [
  captured: number,
  length: number,
  pending: number,
  unread: number,
  waiting: number,
  queues: [outstanding: number, notAcknowledged: number][],
  ledger: string[],
];

/**
 * Reads the books: every figure from one moment.
 * @returns undefined where no books were opened (no orchestrator ever ran here, or the data is gone)
 */
export async function readBooks(
  client: ScriptClient,
  { keys, group }: BooksOptions,
): Promise<BooksReading | undefined> {
  let queues: WorkQueue[] = [];
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const request = {
      group,
      queues: queues.map((queue) => [queue.group, queue.completion]),
      max_counted: MAX_COUNTED,
    };
    const scriptKeys = [keys.ledger, keys.input, keys.retry, ...queues.map(({ queue }) => queue)];
    const reply = (await booksScript.run(client, scriptKeys, request)) as BooksReply;
    const ledger = ledgerOf(reply[6]);
    const named = queuesIn(ledger);
    const known = new Set(queues.map(nameOf));
    if (named.every((queue) => known.has(nameOf(queue))))
      return reply[0] < 0 ? undefined : balance(reply, ledger, queues);
    queues = named;
  }
  throw new Error(
    `the list of queues in ${keys.ledger} changed ${MAX_TRIES} times while the books were read`,
  );
}

function balance(reply: BooksReply, ledger: Ledger, queues: readonly WorkQueue[]): BooksReading {
  const [captured, , pendingInput, unreadNow, waitingRetry, counts] = reply;
  const of = (name: string): number => ledger[name] ?? 0;
  const rows = queues.map((queue, i) => {
    const [count, notAcknowledged] = counts[i] as BooksReply[5][number];
    return {
      ...queue,
      open: of(nameOf(queue)),
      outstanding: count < 0 ? undefined : count,
      notAcknowledged,
    };
  });
  const totals = [...Map.groupBy(rows, ({ queue }) => queue).values()].map(totalOf);
  const outstanding = totals.reduce((sum, total) => sum + total.outstanding, 0);
  const finishedByAck = totals.reduce((sum, total) => sum + total.finishedByAck, 0);
  const settledInput = of('acknowledged') + of('lost_upstream') + pendingInput;
  // Where it can't be counted now, what is missing on the input side is taken for unread; the next reading tells.
  const unread = unreadNow >= 0 ? unreadNow : Math.max(0, captured - settledInput);
  const completed = of('completed') + finishedByAck;
  const deadLettered = of('dead_lettered') - of('requeued');
  const lostAfterReading = of('lost_pending') + of('lost_in_queues');
  const inputGap = captured - settledInput - unread;
  const systemGap =
    of('acknowledged') +
    of('fanout') +
    of('found_in_queues') -
    waitingRetry -
    outstanding -
    completed -
    deadLettered -
    of('shed') -
    lostAfterReading;
  return {
    ledger,
    queues: rows.map(({ notAcknowledged: _, ...row }) => row),
    books: {
      captured: captured + of('found_in_queues'),
      fanout: of('fanout'),
      unread,
      pendingInput,
      waitingRetry,
      outstanding,
      completed,
      deadLettered,
      shed: of('shed'),
      lostUpstream: of('lost_upstream') + lostAfterReading,
      // Two errors of opposite sign must not hide each other.
      unaccounted: Math.abs(inputGap) + Math.abs(systemGap),
    },
  };
}

interface QueueRow extends WorkQueue {
  readonly open: number;
  readonly outstanding: number | undefined;
  readonly notAcknowledged: number;
}

/** One queue, which is open under two names while it changes hands. The smaller count leaves out what was acknowledged only. */
function totalOf(rows: readonly QueueRow[]): { outstanding: number; finishedByAck: number } {
  const present = rows.filter(({ outstanding }) => outstanding !== undefined);
  if (present.length === 0) return { outstanding: 0, finishedByAck: 0 };
  const outstanding = Math.min(...present.map((row) => row.outstanding ?? 0));
  // What clients that only acknowledge have finished is what was handed to their queues and isn't outstanding there.
  const open = rows.reduce((sum, row) => sum + row.open, 0);
  const finished = open - Math.min(...present.map((row) => row.notAcknowledged));
  const acknowledging = present.some(({ completion }) => completion === 'acknowledge');
  return { outstanding, finishedByAck: acknowledging ? Math.max(0, finished) : 0 };
}

function ledgerOf(flat: readonly string[]): Ledger {
  const ledger: Record<string, number> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) {
    const number = Number(flat[i + 1]);
    if (Number.isFinite(number)) ledger[flat[i] as string] = number;
  }
  return ledger;
}

const OPEN_FIELD = /^open:(delete|acknowledge):([^:]+):(.+)$/;

function queuesIn(ledger: Ledger): WorkQueue[] {
  return Object.keys(ledger).flatMap((name) => {
    const [, completion, group, queue] = OPEN_FIELD.exec(name) ?? [];
    return completion && group && queue ? [{ completion: completion as Completion, group, queue }] : [];
  });
}

function nameOf({ completion, group, queue }: WorkQueue): string {
  return `open:${completion}:${group}:${queue}`;
}
