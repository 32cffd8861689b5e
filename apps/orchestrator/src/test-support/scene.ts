import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { createProcessor, type Processor, type ProcessorOptions } from '@frame-buffer/processor-client';
import { type EntryReply, readBooks, recordOf } from '@frame-buffer/stream-consumer';
import { type Logger, silentLogger } from '@frame-buffer/telemetry';
import { frameRecord, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from '../compose.ts';
import { readConfig } from '../config.ts';

/** A Redis of its own with orchestrators and processors around it; `clear` between two tests, `end` after the last. */
export interface Scene {
  readonly redis: Redis;
  orchestrate(env?: Record<string, string>, logger?: Logger): Promise<Orchestrator>;
  /** A processor for `detect`, unless the options say something else. */
  join(
    orchestrator: Orchestrator,
    id: string,
    process: ProcessorOptions['process'],
    options?: Partial<ProcessorOptions>,
  ): Promise<Processor>;
  /** Frames `f0`, `f1`, ... that ask for `detect`. */
  publish(count: number, overrides?: (i: number) => Record<string, string>): Promise<void>;
  entries(stream: string): Promise<Record<string, string>[]>;
  books(): Promise<NonNullable<Awaited<ReturnType<typeof readBooks>>>['books'] | undefined>;
  completed(count: number, deadlineMs?: number): Promise<unknown>;
  /** Stops processors, then orchestrators. */
  stop(): Promise<void>;
  clear(): Promise<void>;
  end(): Promise<void>;
}

export async function openScene(): Promise<Scene> {
  const keys = keyNames();
  const server = await startRedis();
  const redis = new Redis(server.url);
  let orchestrators: Orchestrator[] = [];
  let processors: Processor[] = [];
  const books: Scene['books'] = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))?.books;
  async function stop(): Promise<void> {
    await Promise.all(processors.map((processor) => processor.stop()));
    await Promise.all(orchestrators.map((orchestrator) => orchestrator.stop()));
    orchestrators = [];
    processors = [];
  }
  return {
    redis,
    books,
    async orchestrate(env = {}, logger = silentLogger) {
      const outcome = readConfig({ REDIS_URL: server.url, PORT: '0', ...env });
      if (!outcome.ok) throw new Error(outcome.faults.join());
      const orchestrator = await startOrchestrator(outcome.config, logger);
      orchestrators.push(orchestrator);
      return orchestrator;
    },
    async join(orchestrator, id, process, options = {}) {
      const processor = createProcessor({
        id,
        capabilities: ['detect'],
        process,
        orchestratorUrl: orchestrator.url,
        redisUrl: server.url,
        drainMs: 500,
        ...options,
      });
      processors.push(processor);
      void processor.run().catch(() => {});
      await until(() => processor.ready(), { what: `${id} to register` });
      return processor;
    },
    async publish(count, overrides = () => ({})) {
      const pipeline = redis.pipeline();
      for (let i = 0; i < count; i++) {
        const defaults = { frame_id: `f${i}`, metadata: '', detection_type: 'detect' };
        const record = frameRecord({ ...defaults, ...overrides(i) });
        pipeline.xadd(keys.input, '*', ...Object.entries(record).flat());
      }
      await pipeline.exec();
    },
    async entries(stream) {
      const all = (await redis.xrange(stream, '-', '+')) as EntryReply[];
      return all.map(([, fields]) => ({ ...recordOf(fields ?? []) }));
    },
    completed: (count, deadlineMs) =>
      until(async () => (await books())?.completed === count, { what: `${count} results`, deadlineMs }),
    stop,
    async clear() {
      await stop();
      await redis.flushall();
    },
    async end() {
      redis.disconnect();
      await server.stop();
    },
  };
}
