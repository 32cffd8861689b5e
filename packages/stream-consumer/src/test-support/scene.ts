import { type FlatRecord, type KeyNames, keyNames } from '@frame-buffer/models';
import type { Redis } from 'ioredis';
import { type BooksReading, openBooks, readBooks } from '../books.ts';
import { completeFrames } from '../completion.ts';
import { recordOf, type Source, type SourceEntry } from '../entry.ts';
import { handOff, type HandOffReply, type HandOffTarget } from '../hand-off.ts';
import { createWorkQueue } from '../work-queue.ts';

export const GROUP = 'frame-buffer-group';
export const AT = '2026-01-01T00:00:00.000Z';

export interface Taken {
  readonly id: string;
  readonly fields: FlatRecord;
}

/** The moves of frames, as publishers, orchestrators and processors make them, on an empty Redis. */
export interface Scene {
  readonly keys: KeyNames;
  /** Empties Redis and opens the books. */
  reset(): Promise<void>;
  publish(count: number): Promise<string[]>;
  readNew(source?: Source, consumer?: string): Promise<SourceEntry[]>;
  /** Publishes and reads. */
  capture(count: number): Promise<SourceEntry[]>;
  processor(id: string, completion?: 'delete' | 'acknowledge', capacity?: number): Promise<HandOffTarget>;
  give(entries: readonly SourceEntry[], ...targets: HandOffTarget[]): Promise<HandOffReply>;
  take(target: HandOffTarget, count: number): Promise<Taken[]>;
  finish(target: HandOffTarget, ids: readonly string[]): Promise<boolean[]>;
  reading(): Promise<BooksReading>;
  books(): Promise<BooksReading['books']>;
}

type Reply = [string, [string, string[]][]][] | null;

export function createScene(redis: Redis, keys: KeyNames = keyNames()): Scene {
  const options = { keys, group: GROUP };
  let published = 0;

  const scene: Scene = {
    keys,
    async reset() {
      published = 0;
      await redis.flushall();
      await openBooks(redis, options, AT);
    },
    async publish(count) {
      const ids: string[] = [];
      for (let i = 0; i < count; i++)
        ids.push((await redis.xadd(keys.input, '*', 'frame_id', `f${published++}`, 'camera_id', 'c1')) ?? '');
      return ids;
    },
    async readNew(source = 'input', consumer = 'o1') {
      const stream = source === 'input' ? keys.input : keys.retry;
      // prettier-ignore
      const reply = (await redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 10_000, 'STREAMS', stream, '>')) as Reply;
      return (reply?.[0]?.[1] ?? []).map(([id, flat]) => ({ source, id, fields: recordOf(flat) }));
    },
    async capture(count) {
      await scene.publish(count);
      return scene.readNew();
    },
    async processor(id, completion = 'delete', capacity = 100) {
      const target = {
        processorId: id,
        queue: keys.ready(id),
        group: 'frame-processors',
        capacity,
        completion,
      };
      const { queue, group } = target;
      await redis.hset(keys.registry, id, JSON.stringify({ queue, group, completion }));
      await createWorkQueue(redis, target);
      return target;
    },
    give: (entries, ...targets) =>
      handOff(
        redis,
        entries.map((entry) => ({
          entry,
          copies: targets.map((target) => ({
            target,
            fields: { attempt: entry.fields['attempt'] ?? '1', capability: target.processorId },
          })),
        })),
        { ...options, common: { dispatched_by: 'o1' } },
      ),
    async take({ group, queue }, count) {
      const reply = (await redis.xreadgroup(
        'GROUP',
        group,
        'p',
        'COUNT',
        count,
        'STREAMS',
        queue,
        '>',
      )) as Reply;
      return (reply?.[0]?.[1] ?? []).map(([id, flat]) => ({ id, fields: recordOf(flat) }));
    },
    finish: (target, ids) =>
      completeFrames(
        redis,
        ids.map((entryId) => ({ entryId, result: { done: entryId } })),
        {
          keys,
          queue: target,
          processorId: target.processorId,
          results: keys.results,
          capacity: target.capacity,
        },
      ),
    async reading() {
      const reading = await readBooks(redis, options);
      if (!reading) throw new Error('there are no books');
      return reading;
    },
    books: async () => (await scene.reading()).books,
  };
  return scene;
}
