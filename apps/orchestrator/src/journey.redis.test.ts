/** What becomes of frames between a publisher and its results, with real processors on a real Redis. */
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import {
  createProcessor,
  type Processor,
  type ProcessorOptions,
  TerminalError,
} from '@frame-buffer/processor-client';
import { type EntryReply, readBooks, recordOf } from '@frame-buffer/stream-consumer';
import { silentLogger } from '@frame-buffer/telemetry';
import { frameRecord, type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from './compose.ts';
import { readConfig } from './config.ts';

const keys = keyNames();
let server: RedisServer;
let redis: Redis;
let orchestrators: Orchestrator[] = [];
let processors: Processor[] = [];

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
  orchestrators = [];
  processors = [];
});
afterEach(async () => {
  await Promise.all(processors.map((processor) => processor.stop()));
  await Promise.all(orchestrators.map((orchestrator) => orchestrator.stop()));
});

async function orchestrate(env: Record<string, string> = {}): Promise<Orchestrator> {
  const outcome = readConfig({ REDIS_URL: server.url, PORT: '0', ...env });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  const orchestrator = await startOrchestrator(outcome.config, silentLogger);
  orchestrators.push(orchestrator);
  return orchestrator;
}

async function join(
  orchestrator: Orchestrator,
  id: string,
  process: ProcessorOptions['process'],
  options: Partial<ProcessorOptions> = {},
): Promise<Processor> {
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
}

async function publish(
  count: number,
  overrides: (i: number) => Record<string, string> = () => ({}),
): Promise<void> {
  const pipeline = redis.pipeline();
  for (let i = 0; i < count; i++) {
    const record = frameRecord({
      frame_id: `f${i}`,
      metadata: '',
      detection_type: 'detect',
      ...overrides(i),
    });
    pipeline.xadd(keys.input, '*', ...Object.entries(record).flat());
  }
  await pipeline.exec();
}

async function entries(stream: string): Promise<Record<string, string>[]> {
  return ((await redis.xrange(stream, '-', '+')) as EntryReply[]).map(([, fields]) => ({
    ...recordOf(fields ?? []),
  }));
}

const results = () => entries(keys.results);
const books = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))?.books;
const completed = (count: number) =>
  until(async () => (await books())?.completed === count, { what: `${count} results` });

describe('a frame', () => {
  it('becomes one result', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', (frame) => ({ seen: frame.frameId }), { concurrency: 8 });
    await publish(100);
    await completed(100);
    expect((await results()).map(({ seen }) => seen).toSorted()).toEqual(
      Array.from({ length: 100 }, (_none, i) => `f${i}`).toSorted(),
    );
    expect(await books()).toMatchObject({ captured: 100, completed: 100, unaccounted: 0 });
  });

  it('waits in Redis until a processor comes', async () => {
    const orchestrator = await orchestrate();
    await publish(5);
    await until(async () => (await books())?.pendingInput === 5, { what: 'the frames to be read' });
    await join(orchestrator, 'p1', () => ({}));
    await completed(5);
  });

  it('goes to a processor with the capability that it asks for', async () => {
    const orchestrator = await orchestrate();
    const seen: string[] = [];
    await join(orchestrator, 'faces', (frame) => void seen.push(`faces ${frame.frameId}`), {
      capabilities: ['face'],
    });
    await join(orchestrator, 'plates', (frame) => void seen.push(`plates ${frame.frameId}`), {
      capabilities: ['plate'],
    });
    await publish(4, (i) => ({ detection_type: i % 2 === 0 ? 'face' : 'plate' }));
    await completed(4);
    expect(seen.toSorted()).toEqual(['faces f0', 'faces f2', 'plates f1', 'plates f3']);
  });

  it('that asks for several capabilities gives one result for each', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}), { capabilities: ['face', 'plate'] });
    await join(orchestrator, 'p2', () => ({}), { capabilities: ['plate'] });
    await publish(10, () => ({ metadata: '{"capabilities":["face","plate"]}' }));
    await completed(20);
    const pairs = (await results()).map(({ frame_id, capability }) => `${frame_id} ${capability}`);
    expect(new Set(pairs).size).toBe(20);
    expect(await books()).toMatchObject({ captured: 10, fanout: 10, completed: 20, unaccounted: 0 });
  });

  it('without a capability goes to any processor', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}));
    await publish(3, () => ({ detection_type: '' }));
    await completed(3);
  });

  it('without a capability is not held up by one whose capability is called any', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}));
    await publish(1, () => ({ detection_type: 'any', frame_id: 'odd' }));
    await until(async () => (await books())?.pendingInput === 1, { what: 'the odd frame to wait' });
    await publish(3, () => ({ detection_type: '' }));
    await completed(3);
    const metrics = await (await fetch(`${orchestrator.url}/metrics`)).text();
    expect(metrics).toContain('frame_buffer_waiting_frames{capability="any",priority="low"} 1');
  });

  it('takes its trace along to the result, through a fresh span at each step', async () => {
    const orchestrator = await orchestrate();
    let handed = '';
    await join(orchestrator, 'p1', (frame) => void (handed = frame.fields['traceparent'] ?? ''));
    await publish(1, () => ({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }));
    await completed(1);
    const [result] = await results();
    expect(handed).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
    expect(result?.['traceparent']?.slice(0, 35)).toBe(handed.slice(0, 35));
  });
});

describe('a frame asked for by its id', () => {
  const ask = async (orchestrator: Orchestrator, id: string) => {
    const response = await fetch(`${orchestrator.url}/frames/${id}`);
    return {
      status: response.status,
      body: (await response.json()) as { now: string; path: { where: string }[]; detail: string },
    };
  };

  it('is told where it waits, and why', async () => {
    const orchestrator = await orchestrate({ ORCHESTRATOR_ID: 'o1' });
    await publish(1);
    await until(async () => (await books())?.pendingInput === 1, { what: 'it to be read' });
    expect((await ask(orchestrator, 'f0')).body.now).toBe(
      'read by orchestrator o1, and waiting for a processor with credit',
    );
  });

  it('is told its whole way after attempts that failed', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'bad', () => {
      throw new Error('out of memory');
    });
    await publish(1);
    await until(async () => (await books())?.deadLettered === 1, { what: 'the dead letter' });
    const { body } = await ask(orchestrator, 'f0');
    expect(body.now).toContain('dead letter: attempts_used_up: 3 attempts failed, the last: out of memory');
    expect(body.path.at(-1)?.where).toBe('dead_letter');
  });

  it('that nobody knows is a 404 with a sentence', async () => {
    const orchestrator = await orchestrate();
    const { status, body } = await ask(orchestrator, 'nobody');
    expect(status).toBe(404);
    expect(body.detail).toContain('No stream has a trace of a frame nobody');
  });
});

describe('a bad record', () => {
  it.each([
    ['no camera', { camera_id: '' }, 'camera_id'],
    ['a malformed number', { width: 'wide' }, 'width'],
    ['malformed JSON', { metadata: '{"a":' }, 'metadata'],
    ['a malformed date', { timestamp: 'yesterday' }, 'timestamp'],
    ['a priority out of range', { priority: '11' }, 'priority'],
  ])('with %s becomes a dead letter that says why, and the stream goes on', async (_what, fault, field) => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}));
    await publish(3, (i) => (i === 1 ? fault : {}));
    await completed(2);
    await until(async () => (await books())?.deadLettered === 1, { what: 'the dead letter' });
    const [letter] = await entries(keys.deadLetter);
    expect(letter).toMatchObject({ frame_id: 'f1', dead_letter_reason: 'bad_record' });
    expect(letter?.['dead_letter_detail']).toContain(`${field}: expected`);
    expect(await books()).toMatchObject({ captured: 3, unaccounted: 0 });
  });
});

describe('a frame that fails', () => {
  it('goes to another processor first', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'bad', () => {
      throw new Error('out of memory');
    });
    await join(orchestrator, 'good', () => ({}));
    await publish(20);
    await completed(20);
    expect((await results()).every(({ processor_id }) => processor_id === 'good')).toBe(true);
    expect(await books()).toMatchObject({ deadLettered: 0, unaccounted: 0 });
  });

  it('becomes a dead letter with all its errors after the last attempt', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', (frame) => {
      throw new Error(`attempt ${frame.attempt} failed`);
    });
    await publish(1);
    await until(async () => (await books())?.deadLettered === 1, { what: 'the dead letter' });
    const [letter] = await entries(keys.deadLetter);
    expect(letter).toMatchObject({ dead_letter_reason: 'attempts_used_up' });
    expect(JSON.parse(letter?.['errors'] ?? '[]').map(({ error }: { error: string }) => error)).toEqual([
      'attempt 1 failed',
      'attempt 2 failed',
      'attempt 3 failed',
    ]);
    expect(await books()).toMatchObject({ captured: 1, completed: 0, unaccounted: 0 });
  });

  it('for good becomes a dead letter at once', async () => {
    const orchestrator = await orchestrate();
    let calls = 0;
    await join(orchestrator, 'p1', () => {
      calls++;
      throw new TerminalError('not a picture');
    });
    await publish(1);
    await until(async () => (await books())?.deadLettered === 1, { what: 'the dead letter' });
    expect(calls).toBe(1);
    expect((await entries(keys.deadLetter))[0]).toMatchObject({
      dead_letter_reason: 'terminal_error',
      dead_letter_detail: 'not a picture',
    });
  });

  it('can be sent again from the dead letter', async () => {
    const orchestrator = await orchestrate();
    let broken = true;
    await join(orchestrator, 'p1', () => {
      if (broken) throw new TerminalError('model missing');
      return {};
    });
    await publish(1);
    await until(async () => (await books())?.deadLettered === 1, { what: 'the dead letter' });
    broken = false;
    const [letter] = (await redis.xrange(keys.deadLetter, '-', '+')) as EntryReply[];
    const id = letter?.[0];
    const answer = await fetch(`${orchestrator.url}/dead-letters/requeue`, {
      method: 'POST',
      body: JSON.stringify({ ids: [id] }),
    });
    expect(answer.status).toBe(200);
    await completed(1);
    expect(await books()).toMatchObject({ captured: 1, deadLettered: 0, unaccounted: 0 });
  });
});

describe('a processor', () => {
  it('that stops finishes what it has; the rest goes to others', async () => {
    const orchestrator = await orchestrate();
    const leaver = await join(
      orchestrator,
      'leaver',
      () => new Promise<void>((resolve) => setTimeout(resolve, 20)),
      { capacity: 30 },
    );
    await publish(30);
    await until(() => leaver.active() > 0, { what: 'it to start' });
    await join(orchestrator, 'stayer', () => ({}));
    await leaver.stop();
    await completed(30);
    expect(await books()).toMatchObject({ captured: 30, deadLettered: 0, unaccounted: 0 });
    expect(await redis.exists(keys.ready('leaver'))).toBe(0);
  });

  it('whose lease ends loses its frames to others, and its late result is refused', async () => {
    const orchestrator = await orchestrate();
    const late = Promise.withResolvers<void>();
    const outcomes: string[] = [];
    const zombie = await join(orchestrator, 'zombie', () => late.promise, {
      leaseMs: 500,
      onFrame: (outcome) => void outcomes.push(outcome),
    });
    await publish(1);
    await until(() => zombie.active() === 1, { what: 'it to hold the frame' });
    await fetch(`${orchestrator.url}/processors/zombie`, { method: 'DELETE' });
    await join(orchestrator, 'heir', () => ({}));
    await completed(1);
    late.resolve();
    await until(() => outcomes.length > 0, { what: 'the late result' });
    expect(outcomes).toEqual(['fenced']);
    expect((await results()).map(({ processor_id }) => processor_id)).toEqual(['heir']);
    expect(await books()).toMatchObject({ captured: 1, completed: 1, unaccounted: 0 });
  });

  it('that sends heartbeats but does not read its queue loses its frames to others', async () => {
    const orchestrator = await orchestrate({ SILENT_QUEUE_MS: '1000' });
    const body = { id: 'hung', capabilities: ['detect'], capacity: 10, completion: 'delete' };
    await fetch(`${orchestrator.url}/processors/register`, { method: 'POST', body: JSON.stringify(body) });
    await publish(10);
    await until(async () => (await books())?.outstanding === 10, { what: 'its queue to fill' });
    await join(orchestrator, 'good', () => ({}));
    await completed(10);
    const beat = { processor_id: 'hung', status: 'healthy' };
    const answer = await fetch(`${orchestrator.url}/processors/heartbeat`, {
      method: 'POST',
      body: JSON.stringify(beat),
    });
    expect(answer.status).toBe(404);
  });

  it('never holds more than its capacity, with two orchestrators dispatching', async () => {
    const [one] = [await orchestrate(), await orchestrate()];
    let most = 0;
    await join(
      one,
      'p1',
      async () => {
        most = Math.max(most, await redis.xlen(keys.ready('p1')));
      },
      { capacity: 4, concurrency: 2 },
    );
    await publish(200);
    await completed(200);
    expect(most).toBeLessThanOrEqual(4);
    expect(await books()).toMatchObject({ captured: 200, completed: 200, unaccounted: 0 });
  });
});

describe('an orchestrator', () => {
  it('adopts the frames of one whose lease has ended', async () => {
    await redis.xgroup('CREATE', keys.input, INPUT_GROUP, '0', 'MKSTREAM');
    await publish(10);
    await redis.xreadgroup(
      'GROUP',
      INPUT_GROUP,
      'dead-orchestrator',
      'COUNT',
      10,
      'STREAMS',
      keys.input,
      '>',
    );
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}));
    await completed(10);
    const consumers = (await redis.call('XINFO', 'CONSUMERS', keys.input, INPUT_GROUP)) as string[][];
    expect(consumers.map((consumer) => consumer[1])).not.toContain('dead-orchestrator');
  });

  it('holds no more frames in memory than it was told to', async () => {
    await orchestrate({ MAX_WAITING_FRAMES: '50' });
    await publish(500);
    await until(async () => (await books())?.pendingInput === 50, { what: 'the waiting room to fill' });
    expect(await books()).toMatchObject({ captured: 500, unread: 450, pendingInput: 50, unaccounted: 0 });
  });

  it('goes on after everything was flushed', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}), { leaseMs: 600 });
    await publish(3);
    await completed(3);
    await redis.flushall();
    await until(async () => (await books()) !== undefined, { what: 'the streams to be made again' });
    await publish(3);
    await completed(3);
    expect(await books()).toMatchObject({ captured: 3, unaccounted: 0 });
  });

  it('goes on after its input was deleted, group and all', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}));
    await publish(5);
    await completed(5);
    await redis.del(keys.input);
    await publish(3);
    await completed(8);
    expect(await books()).toMatchObject({ captured: 8, unaccounted: 0 });
  });

  it('hands off high priorities first', async () => {
    const orchestrator = await orchestrate();
    const order: string[] = [];
    await publish(60, (i) => ({ priority: i >= 50 ? '9' : '0' }));
    await until(async () => (await books())?.pendingInput === 60, { what: 'all frames to wait' });
    await join(orchestrator, 'p1', (frame) => void order.push(frame.priority > 0 ? 'high' : 'low'), {
      capacity: 1,
      concurrency: 1,
    });
    await completed(60);
    expect(order.slice(0, 14).filter((priority) => priority === 'high').length).toBeGreaterThanOrEqual(9);
  });

  it('reads nothing while it is paused', async () => {
    const orchestrator = await orchestrate();
    await join(orchestrator, 'p1', () => ({}));
    await fetch(`${orchestrator.url}/control/pause`, { method: 'POST' });
    // A read that was under way when the pause came may still bring something.
    await publish(1);
    await until(async () => (await books())?.captured === 1, { what: 'the frame' });
    await publish(5);
    await fetch(`${orchestrator.url}/control/resume`, { method: 'POST' });
    await completed(6);
  });
});
