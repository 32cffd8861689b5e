import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type KeyNames, keyNames } from '@frame-buffer/models';
import type { Redis } from 'ioredis';
import { type BooksReading, openBooks, readBooks } from '../../books.ts';
import { type EntryReply, recordOf, type SourceEntry } from '../../entry.ts';
import type { HandOffTarget } from '../../hand-off.ts';
import { AT, GROUP, type Taken } from '../scene.ts';
import { keyOf, type LedgerModel, type ModelProcessor } from './model.ts';

export const ORCHESTRATORS = ['o1', 'o2'] as const;
/** Of another service on the input; behind the orchestrators' in every list of groups. */
export const OTHER_GROUP = 'other-service';
export const PROCESSOR_GROUP = 'frame-processors';

type ReadReply = [string, [string, string[]][]][] | null;

/** The real side: a Redis, and what the programs around it remember, also of a time when it was theirs. */
export class LedgerWorld {
  readonly redis: Redis;
  readonly keys: KeyNames = keyNames();
  readonly options = { keys: this.keys, group: GROUP };
  /** What each orchestrator believes to hold. */
  readonly held = new Map<string, SourceEntry[]>(ORCHESTRATORS.map((id) => [id, []]));
  /** What each processor believes to have in process. */
  readonly hands = new Map<string, Taken[]>();
  private readonly tally: Map<string, number>;

  /** @param tally counts what happened, over all runs */
  constructor(redis: Redis, tally: Map<string, number>) {
    this.redis = redis;
    this.tally = tally;
  }

  /** What is never seen to happen isn't tested. */
  saw(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  async reset(): Promise<void> {
    await this.redis.flushall();
    await openBooks(this.redis, this.options, AT);
  }

  target({ id, capacity, completion }: ModelProcessor): HandOffTarget {
    return { processorId: id, queue: this.keys.ready(id), group: PROCESSOR_GROUP, capacity, completion };
  }

  stream(source: 'input' | 'retry'): string {
    return source === 'input' ? this.keys.input : this.keys.retry;
  }

  heldBy(orchestrator: string): SourceEntry[] {
    return this.held.get(orchestrator) ?? [];
  }

  inHandsOf(processor: string): Taken[] {
    return this.hands.get(processor) ?? [];
  }

  /** Runs a script and runs it again with the same arguments, as a client that lost the answer: nothing may change but `fenced`. */
  async twice<T>(run: () => Promise<T>): Promise<[first: T, second: T]> {
    const first = await run();
    const before = await this.contents();
    const second = await run();
    assert.deepEqual(await this.contents(), before, 'the second sending changed something');
    return [first, second];
  }

  /** A digest of every key; the ledger as it is, but for `fenced`. */
  private async contents(): Promise<Record<string, unknown>> {
    const names = (await this.redis.keys('*')).filter((name) => name !== this.keys.ledger).toSorted();
    const pipeline = this.redis.pipeline().hgetall(this.keys.ledger);
    for (const name of names) pipeline.dumpBuffer(name);
    const [ledger, ...dumps] = (await pipeline.exec()) ?? [];
    const digests = dumps.map(
      ([, dump]) =>
        dump &&
        createHash('sha1')
          .update(dump as Buffer)
          .digest('hex'),
    );
    const { fenced: _, ...counters } = ledger?.[1] as Record<string, string>;
    return { ...Object.fromEntries(names.map((name, i) => [name, digests[i]])), counters };
  }

  /** XREADGROUP; nothing where the stream or its group is gone. */
  async read(stream: string, group: string, consumer: string, count: number): Promise<EntryReply[]> {
    // prettier-ignore
    const reply = (await this.redis
      .xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>')
      .catch((error: Error) => {
        if (!error.message.startsWith('NOGROUP')) throw error;
        return null;
      })) as ReadReply;
    return reply?.[0]?.[1] ?? [];
  }

  /** Ids of entries of a stream that is made anew begin with the time: no two may have been made in the same millisecond. */
  async passMillisecond(): Promise<void> {
    const [from] = [await this.milliseconds()];
    while ((await this.milliseconds()) === from);
  }

  private async milliseconds(): Promise<number> {
    const [seconds, micros] = await this.redis.time();
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Compares everything that can be counted. */
  async compare(model: LedgerModel): Promise<void> {
    const { redis, keys } = this;
    const reading = await readBooks(redis, this.options);
    assert(reading, 'there are no books');
    assert.deepEqual(reading.books, model.books());
    assert.equal(reading.ledger['fenced'] ?? 0, model.fenced, 'fenced');
    for (const processor of model.processors) {
      const { queue } = this.target(processor);
      const outstanding = model.inQueue(queue).length;
      assert(outstanding <= processor.capacity, `${queue} holds ${outstanding}, more than its capacity`);
      const rows: BooksReading['queues'] = reading.queues;
      const row = rows.find((known) => known.queue === queue);
      assert.equal(row?.outstanding ?? 0, outstanding, `outstanding in ${queue}`);
    }
    assert.equal(await redis.xlen(keys.results), model.results, 'results');
    const letters = model.at('dead letter').length - model.deletedLetters;
    assert.equal(await redis.xlen(keys.deadLetter), letters, 'entries of the dead letter');
    assert.equal(await redis.xlen(keys.shed), model.at('shed').length, 'entries of the shed stream');
  }

  /** Nothing that somebody still needs may be gone from a stream. */
  async assertKept(model: LedgerModel): Promise<void> {
    const { keys } = this;
    for (const stream of [keys.input, keys.retry, ...model.processors.map(({ id }) => keys.ready(id))]) {
      const ids = new Set((await this.redis.xrange(stream, '-', '+')).map(([id]) => id));
      for (const { key, place } of model.frames.values()) {
        const where = place.at === 'queue' ? place.queue : place.at === 'input' ? keys.input : keys.retry;
        if (!('id' in place) || where !== stream || place.id === undefined) continue;
        if (place.at === 'input' && place.trimmed) continue;
        assert(ids.has(place.id), `${key} is gone from ${stream}`);
      }
    }
  }

  /** Entries of the input that the other service, where there is one, has still to read. */
  async unreadElsewhere(): Promise<string[]> {
    const groups = (await this.redis.call('XINFO', 'GROUPS', this.keys.input)) as unknown[][];
    const other = groups.find((flat) => flat.includes(OTHER_GROUP));
    if (!other) return [];
    const last = String(other[other.indexOf('last-delivered-id') + 1]);
    return (await this.redis.xrange(this.keys.input, `(${last}`, '+')).map(([id]) => id);
  }

  /** No frame and capability may have two results. */
  async assertOneResultEach(): Promise<void> {
    const seen = new Set<string>();
    for (const [, flat] of await this.redis.xrange(this.keys.results, '-', '+')) {
      const key = keyOfRecord(recordOf(flat));
      assert(!seen.has(key), `${key} has two results`);
      seen.add(key);
    }
  }
}

export function keyOfRecord(fields: Readonly<Record<string, string>>): string {
  return keyOf(fields['frame_id'] ?? '', [fields['capability'] ?? fields['wanted'] ?? '']);
}
