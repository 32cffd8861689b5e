import { type FlatRecord, INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { type EntryReply, handOff, openBooks, readBooks, recordOf } from '@frame-buffer/stream-consumer';
import { frameRecord, type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { createProcessor, type Processor } from '../processor.ts';
import type { ProcessorOptions } from '../options.ts';
import { type FakeOrchestrator, startFakeOrchestrator } from './fake-orchestrator.ts';

export const keys = keyNames();

/** What processors need around them, for the tests of one file: a Redis, and for each test new books and a new orchestrator. */
export class TestBed {
  server!: RedisServer;
  redis!: Redis;
  orchestrator!: FakeOrchestrator;
  #processors: Processor[] = [];
  #published = 0;

  /** Call it at the top of a test file. */
  static forThisFile(): TestBed {
    const bed = new TestBed();
    beforeAll(() => bed.start());
    beforeEach(() => bed.reset());
    afterEach(() => bed.cleanUp());
    afterAll(() => bed.end());
    return bed;
  }

  async start(): Promise<void> {
    this.server = await startRedis({ appendOnly: true });
    this.redis = new Redis(this.server.url, { maxRetriesPerRequest: null });
    // Tests restart the server.
    this.redis.on('error', () => {});
  }

  async reset(): Promise<void> {
    this.#processors = [];
    this.#published = 0;
    await this.redis.flushall();
    await openBooks(this.redis, { keys, group: INPUT_GROUP }, new Date().toISOString());
    this.orchestrator = await startFakeOrchestrator({ redis: this.redis, keys });
  }

  async cleanUp(): Promise<void> {
    await Promise.all(this.#processors.map((processor) => processor.stop()));
    await this.orchestrator.stop();
  }

  async end(): Promise<void> {
    this.redis.disconnect();
    await this.server.stop();
  }

  options(options: Partial<ProcessorOptions> = {}): Partial<ProcessorOptions> {
    return {
      orchestratorUrl: this.orchestrator.url,
      redisUrl: this.server.url,
      capacity: 100,
      drainMs: 5_000,
      ...options,
    };
  }

  create(process: ProcessorOptions['process'], options: Partial<ProcessorOptions> = {}): Processor {
    const processor = createProcessor({
      id: 'p1',
      capabilities: ['detect'],
      process,
      ...this.options(options),
    });
    this.#processors.push(processor);
    return processor;
  }

  /** Starts a processor, and waits until it is in. */
  async join(
    process: ProcessorOptions['process'],
    options: Partial<ProcessorOptions> = {},
  ): Promise<Processor> {
    const processor = this.create(process, options);
    processor.run().catch(() => {});
    await until(() => processor.ready(), { what: 'the processor to register' });
    return processor;
  }

  /** Captures frames f0, f1, ... and hands them to the processor, as an orchestrator does. */
  async dispatch(count: number, fields: FlatRecord = {}, processorId = 'p1'): Promise<void> {
    for (let i = 0; i < count; i++) {
      const record = frameRecord({ frame_id: `f${this.#published++}`, ...fields });
      await this.redis.xadd(keys.input, '*', ...Object.entries(record).flat());
    }
    const { queue, group, capacity, completion } = await this.orchestrator.registration(processorId);
    const target = { processorId, queue, group, capacity, completion };
    const reply = await this.redis.xreadgroup(
      'GROUP',
      INPUT_GROUP,
      'o1',
      'COUNT',
      count,
      'STREAMS',
      keys.input,
      '>',
    );
    const [first] = (reply ?? []) as [string, EntryReply[]][];
    const items = (first?.[1] ?? []).map(([id, flat]) => ({
      entry: { source: 'input' as const, id, fields: recordOf(flat ?? []) },
      copies: [{ target, fields: { attempt: '1', capability: 'detect' } }],
    }));
    const common = { dispatched_by: 'o1', enqueued_at: new Date().toISOString() };
    const { outcomes } = await handOff(this.redis, items, { keys, group: INPUT_GROUP, common });
    if (outcomes.some((outcome) => outcome !== 'handed_off'))
      throw new Error(`not handed off: ${outcomes.join()}`);
  }

  async entries(stream: string): Promise<Record<string, string>[]> {
    const found = (await this.redis.xrange(stream, '-', '+')) as EntryReply[];
    return found.map(([, fields]) => ({ ...recordOf(fields ?? []) }));
  }

  results(): Promise<Record<string, string>[]> {
    return this.entries(keys.results);
  }

  /** Waits for so many results. @returns the ids of their frames, in order */
  async completed(count: number): Promise<string[]> {
    const results = await until(
      async () => {
        const all = await this.results();
        return all.length >= count ? all : undefined;
      },
      { what: `${count} results` },
    );
    return results.map((result) => result['frame_id'] ?? '').toSorted(byNumber);
  }

  /** Waits for so many frames to come back. */
  returned(count: number): Promise<Record<string, string>[]> {
    return until(
      async () => {
        const all = await this.entries(keys.retry);
        return all.length >= count ? all : undefined;
      },
      { what: `${count} frames to come back` },
    );
  }

  async books() {
    const reading = await readBooks(this.redis, { keys, group: INPUT_GROUP });
    if (!reading) throw new Error('no books');
    return reading.books;
  }
}

/** f0, f1, ... */
export const frameIds = (count: number): string[] => Array.from({ length: count }, (_none, i) => `f${i}`);

const byNumber = (a: string, b: string): number => Number(a.slice(1)) - Number(b.slice(1));
