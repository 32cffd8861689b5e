/** What an orchestrator finds again: frames of the dead, deliveries that never arrived, queues that belong to nobody. */
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { createProcessor, type Processor } from '@frame-buffer/processor-client';
import { readBooks } from '@frame-buffer/stream-consumer';
import { silentLogger } from '@frame-buffer/telemetry';
import { frameRecord, type RedisServer, startRedis, startTcpProxy, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from './compose.ts';
import { readConfig } from './config.ts';

const keys = keyNames();
let server: RedisServer;
let redis: Redis;
let orchestrator: Orchestrator;
let processor: Processor | undefined;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  processor = undefined;
  orchestrator = await start(server.url);
});
afterEach(async () => {
  await processor?.stop();
  await orchestrator.stop();
});

async function start(redisUrl: string): Promise<Orchestrator> {
  const outcome = readConfig({ REDIS_URL: redisUrl, PORT: '0', ORCHESTRATOR_ID: 'o1' });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  return startOrchestrator(outcome.config, silentLogger);
}

async function publish(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const record = frameRecord({ frame_id: `f${i}`, metadata: '', detection_type: 'detect' });
    await redis.xadd(keys.input, '*', ...Object.entries(record).flat());
  }
}

/** Publishes one frame and delivers it to a consumer, in one step: nobody else can read it. */
async function deliverTo(consumer: string): Promise<void> {
  const record = frameRecord({ frame_id: `for-${consumer}`, metadata: '', detection_type: 'detect' });
  await redis
    .multi()
    .xadd(keys.input, '*', ...Object.entries(record).flat())
    .xreadgroup('GROUP', INPUT_GROUP, consumer, 'COUNT', 1, 'STREAMS', keys.input, '>')
    .exec();
}

const books = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))?.books;
const waiting = async (): Promise<number> => {
  const answer = await fetch(`${orchestrator.url}/frames/stats`);
  return ((await answer.json()) as { waiting: number }).waiting;
};
const pendingOf = async (consumer: string): Promise<number> =>
  (await redis.xpending(keys.input, INPUT_GROUP, '-', '+', 100, consumer)).length;

async function completeAll(count: number): Promise<void> {
  processor = createProcessor({
    id: 'good',
    capabilities: ['detect'],
    process: () => ({}),
    orchestratorUrl: orchestrator.url,
    redisUrl: server.url,
  });
  void processor.run().catch(() => {});
  await until(async () => (await books())?.completed === count, { what: `${count} results` });
  expect(await books()).toMatchObject({ captured: count, unaccounted: 0 });
}

describe('an orchestrator', () => {
  it('takes over what a consumer without a lease holds, and leaves alone what one with a lease holds', async () => {
    await redis.set(keys.orchestrator('alive'), '{}');
    await deliverTo('alive');
    await deliverTo('dead');
    await until(async () => (await pendingOf('o1')) === 1, { what: 'the frame of the dead to be adopted' });
    expect(await pendingOf('alive')).toBe(1);
    await redis.del(keys.orchestrator('alive'));
    await completeAll(2);
  });

  it('renews its lease, so that nobody takes its frames over', async () => {
    const left = (): Promise<number> => redis.pttl(keys.orchestrator('o1'));
    await until(async () => (await left()) < 2_500, { what: 'its lease to run' });
    await until(async () => (await left()) > 2_500, { what: 'its lease to be renewed' });
  });

  it('finds again what was delivered to it and never arrived', async () => {
    await deliverTo('o1');
    await until(async () => (await waiting()) === 1, { what: 'it to hold the frame' });
    await completeAll(1);
  });

  it('lets go of frames that others adopted while its lease was over, and finds again what was delivered to it since', async () => {
    await publish(3);
    await until(async () => (await waiting()) === 3, { what: 'it to hold the frames' });
    const held = (await redis.xpending(keys.input, INPUT_GROUP, '-', '+', 10, 'o1')) as [string][];
    await redis
      .multi()
      .set(keys.orchestrator('other'), '{}')
      .del(keys.orchestrator('o1'))
      .xclaim(keys.input, INPUT_GROUP, 'other', 0, ...held.map(([id]) => id))
      .exec();
    await until(async () => (await waiting()) === 0, { what: 'it to let go of them' });
    await deliverTo('o1');
    await until(async () => (await waiting()) === 1, { what: 'it to find the other one' });
    await redis.del(keys.orchestrator('other'));
    await completeAll(4);
  });

  it.each([
    ['its data', () => redis.flushall()],
    ['its input', () => redis.del(keys.input)],
  ])(
    'reads on where Redis was out of reach and lost %s meanwhile',
    async (_what, lose) => {
      await orchestrator.stop();
      const proxy = await startTcpProxy(server.port);
      orchestrator = await start(proxy.url);
      proxy.stall();
      const isReading = async (): Promise<boolean> => {
        const health = await fetch(`${orchestrator.url}/health`);
        return ((await health.json()) as { reading: boolean }).reading;
      };
      await until(async () => !(await isReading()), { what: 'a read to be overdue', deadlineMs: 10_000 });
      await lose();
      await publish(1);
      proxy.resume();
      await completeAll(1);
      await orchestrator.stop();
      await proxy.stop();
    },
    30_000,
  );

  it('holds a frame once, also where it finds it again', async () => {
    await publish(3);
    await until(async () => (await waiting()) === 3, { what: 'it to hold the frames' });
    await deliverTo('o1');
    await until(async () => (await waiting()) > 3, { what: 'it to look for more' });
    expect(await waiting()).toBe(4);
    await completeAll(4);
  });

  it('empties a queue whose processor was removed by somebody who died before taking it back', async () => {
    const body = JSON.stringify({ id: 'gone', capabilities: ['detect'], capacity: 10, completion: 'delete' });
    await fetch(`${orchestrator.url}/processors/register`, { method: 'POST', body });
    await publish(4);
    await until(async () => (await books())?.outstanding === 4, { what: 'the queue to fill' });
    await redis.multi().hdel(keys.registry, 'gone').del(keys.health('gone')).exec();
    await completeAll(4);
  });
});
