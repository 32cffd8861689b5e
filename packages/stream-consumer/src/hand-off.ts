import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import type { SourceEntry } from './entry.ts';
import { createRecordLists, type ListedValue } from './record-lists.ts';
import { loadScript, type ScriptClient } from './script.ts';
import type { WorkQueue } from './work-queue.ts';

/** A processor that frames of a batch go to. */
export interface HandOffTarget extends WorkQueue {
  readonly processorId: string;
  readonly capacity: number;
}

/** One copy of a frame for one capability. */
export interface HandOffCopy {
  readonly target: HandOffTarget;
  /** Fields of this copy: capability, attempt, traceparent. */
  readonly fields: FlatRecord;
}

export interface HandOffItem {
  readonly entry: SourceEntry;
  /** One for each capability asked; all go, or none. */
  readonly copies: readonly HandOffCopy[];
}

/**
 * What became of a frame: `handed_off`; `no_credit` (a queue is full) and `departed` (a processor left the registry): still ours;
 * `gone`: settled by somebody else, who holds it now.
 */
export type HandOffOutcome = 'handed_off' | 'no_credit' | 'gone' | 'departed';

export interface HandOffReply {
  /** In the order of the items. */
  readonly outcomes: readonly HandOffOutcome[];
  /** Outstanding frames of each queue touched, after the batch; undefined where processor or queue is gone. */
  readonly outstanding: ReadonlyMap<HandOffTarget, number | undefined>;
}

export interface HandOffOptions {
  readonly keys: KeyNames;
  /** Consumer group of input and retry stream. */
  readonly group: string;
  /** Fields of every copy: enqueued_at, dispatched_by. */
  readonly common: FlatRecord;
}

const script = loadScript('hand-off');
const KEY_OF_SOURCE = { input: 3, retry: 4 } as const;
const OUTCOME_OF_LETTER: Record<string, HandOffOutcome> = {
  h: 'handed_off',
  f: 'no_credit',
  g: 'gone',
  d: 'departed',
};

/**
 * Hands a batch of frames to work queues in one atomic step, each exactly once whatever else happens. The records travel with the
 * call, so a frame is handed off also where a publisher trimmed its entry after it was read.
 */
export async function handOff(
  client: ScriptClient,
  items: readonly HandOffItem[],
  options: HandOffOptions,
): Promise<HandOffReply> {
  const { keys, group, common } = options;
  const numbers = new Map<HandOffTarget, number>();
  const numberOf = (target: HandOffTarget): number => {
    let number = numbers.get(target);
    if (number === undefined) numbers.set(target, (number = numbers.size + 1));
    return number;
  };
  const records = createRecordLists(common);
  const frames: (number | ListedValue)[] = [];
  for (const { entry, copies } of items) {
    frames.push(KEY_OF_SOURCE[entry.source], entry.id, copies.length);
    for (const { target, fields } of copies) {
      frames.push(numberOf(target));
      records.append(frames, entry.fields, fields, entry.source === 'input');
    }
  }
  const targets = [...numbers.keys()];
  const request = {
    group,
    targets: targets.map((target) => [target.processorId, target.group, target.capacity, target.completion]),
    lists: records.lists,
    frames,
  };
  const scriptKeys = [
    keys.ledger,
    keys.registry,
    keys.input,
    keys.retry,
    ...targets.map(({ queue }) => queue),
  ];
  const [letters, counts] = (await script.run(client, scriptKeys, request)) as [string, number[]];
  return {
    outcomes: outcomesOf(letters),
    outstanding: new Map(
      targets.map((target, i) => [target, (counts[i] as number) < 0 ? undefined : (counts[i] as number)]),
    ),
  };
}

function outcomesOf(letters: Iterable<string>): HandOffOutcome[] {
  return Array.from(letters, (letter) => OUTCOME_OF_LETTER[letter] ?? 'gone');
}
