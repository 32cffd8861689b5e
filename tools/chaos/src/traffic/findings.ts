import { type Books, inFlight } from '@frame-buffer/models';
import { capabilitiesOf, frameIdOf } from './frames.ts';
import { type ResultEntry, resultKey } from './result-log.ts';

/** What the checker knows when everything has come to rest. */
export interface Evidence {
  /** Numbers of the frames that Redis acknowledged. */
  readonly published: Iterable<number>;
  /** Results that somebody saw as they came. */
  readonly seen: readonly ResultEntry[];
  /** Results in the stream at the end. */
  readonly kept: readonly ResultEntry[];
  /** Frame ids in the dead letter at the end. */
  readonly deadLetters: ReadonlySet<string>;
  readonly books: Books;
  /** The worst of all readings while the scenario ran. */
  readonly worstBooks: Books | undefined;
  readonly lostInFailover: boolean;
}

export interface Findings {
  readonly published: number;
  /** Frames with a result for each capability that they asked for. */
  readonly completed: number;
  readonly deadLettered: number;
  /** By our own list of frames or by the ledger, whichever is more. */
  readonly unaccounted: number;
  /** Results beyond the first for one frame and capability, as a reader of the stream saw them. */
  readonly duplicates: number;
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

const EXAMPLES = 5;

/** Compares what was published with what came of it. */
export function findingsOf(evidence: Evidence): Findings {
  const { kept, seen, deadLetters, books, worstBooks, lostInFailover } = evidence;
  const faults: string[] = [];
  const notes: string[] = [];
  const fault = (holds: boolean, text: () => string): void => {
    if (!holds) faults.push(text());
  };

  const keptIds = new Set(kept.map(({ id }) => id));
  const vanished = seen.filter(({ id }) => !keptIds.has(id));
  const keptKeys = countsOf(kept);
  const allKeys = countsOf([...kept, ...vanished]);
  const keptTwice = excess(keptKeys);
  const duplicates = excess(allKeys).reduce((sum, [, more]) => sum + more, 0);

  const expected = new Set<string>();
  const missing: string[] = [];
  let published = 0;
  let completed = 0;
  let deadLettered = 0;
  for (const number of evidence.published) {
    published++;
    const frameId = frameIdOf(number);
    const keys = capabilitiesOf(number).map((capability) => resultKey(frameId, capability));
    for (const key of keys) expected.add(key);
    const done = keys.filter((key) => keptKeys.has(key)).length;
    const isDead = deadLetters.has(frameId);
    if (done === keys.length) completed++;
    else if (isDead) deadLettered++;
    else missing.push(frameId);
    fault(!(isDead && done === keys.length), () => `${frameId} has its results and is a dead letter`);
  }
  const unknown = [...keptKeys.keys()].filter((key) => !expected.has(key));

  fault(
    missing.length === 0,
    () => `${missing.length} frames are neither done nor dead letters: ${some(missing)}`,
  );
  fault(unknown.length === 0, () => `${unknown.length} results of frames nobody published: ${some(unknown)}`);
  fault(keptTwice.length === 0, () => `two results in the stream: ${some(keptTwice.map(([key]) => key))}`);
  fault(deadLettered === 0, () => `${deadLettered} dead letters`);
  if (vanished.length > 0) {
    const text = `${vanished.length} results that had been read are gone, ${duplicates} of them came again`;
    (lostInFailover ? notes : faults).push(
      `${text}${lostInFailover ? ': written after the replica was cut off' : ''}`,
    );
  }
  fault(
    books.unaccounted === 0,
    () => `the books end with ${books.unaccounted} unaccounted: ${JSON.stringify(books)}`,
  );
  fault(
    inFlight(books) === 0,
    () => `${inFlight(books)} frames are still under way: ${JSON.stringify(books)}`,
  );
  fault(
    books.captured === published,
    () => `${published} published, ${books.captured} captured by the books`,
  );
  fault(
    books.completed === kept.length,
    () => `${kept.length} results, ${books.completed} completed by the books`,
  );
  fault(books.lostUpstream === 0, () => `${books.lostUpstream} lost upstream by the books`);
  fault(books.shed === 0, () => `${books.shed} shed by the books`);
  fault(!worstBooks, () => `the books did not balance meanwhile: ${JSON.stringify(worstBooks)}`);

  const byLedger = Math.max(books.unaccounted, worstBooks?.unaccounted ?? 0);
  const unaccounted = Math.max(missing.length, byLedger);
  return { published, completed, deadLettered, unaccounted, duplicates, faults, notes };
}

function countsOf(entries: readonly ResultEntry[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { key } of entries) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

const excess = (counts: ReadonlyMap<string, number>): [key: string, more: number][] =>
  [...counts].filter(([, count]) => count > 1).map(([key, count]) => [key, count - 1]);

const some = (list: readonly string[]): string =>
  list.slice(0, EXAMPLES).join(', ') + (list.length > EXAMPLES ? ', ...' : '');
