/**
 * The clients that are out there already: Python publishers and processors that stay as they are. What they do is written down
 * in the protocol, and done here with bare Redis commands and bare HTTP, and nothing more.
 */
import { request } from 'node:http';
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { readBooks } from '@frame-buffer/stream-consumer';
import { silentLogger } from '@frame-buffer/telemetry';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from './compose.ts';
import { readConfig } from './config.ts';

const keys = keyNames();
let server: RedisServer;
let redis: Redis;
let orchestrator: Orchestrator;

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
  const outcome = readConfig({ REDIS_URL: server.url, PORT: '0' });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  orchestrator = await startOrchestrator(outcome.config, silentLogger);
});
afterEach(() => orchestrator.stop());

interface Answer {
  readonly status: number;
  readonly body: string;
}

function http(method: string, path: string, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    const sent = request(`${orchestrator.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

/** A publisher that writes every value with Python's str(), and detection_type flat. */
async function publish(count: number, extra: string[] = []): Promise<void> {
  for (let i = 0; i < count; i++) {
    await redis.xadd(
      'frames:metadata',
      '*',
      'frame_id',
      `cam1_${i}`,
      'camera_id',
      'cam1',
      'timestamp',
      '2026-03-01 12:00:00.123456',
      'size_bytes',
      '48211',
      'width',
      '1920',
      'height',
      '1080',
      'format',
      'jpeg',
      'priority',
      '0',
      'detection_type',
      'object_detection',
      'trace_context',
      '{"trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331", "trace_flags": 1}',
      'metadata',
      "{'zone': 'door', 'armed': True, 'note': None}",
      'frame_buffer_key',
      `frame:cam1_${i}`,
      'correlation_id',
      'None',
      ...extra,
    );
  }
}

const QUEUE = 'frames:ready:old-1';
const registration = { id: 'old-1', capabilities: ['object_detection'], capacity: 10, queue: QUEUE };

/** Registers, makes its group without MKSTREAM and swallows the error, as the clients do. */
async function startProcessor(): Promise<void> {
  const answer = await http('POST', '/api/v1/processors/register', registration);
  expect(answer.status).toBe(201);
  await redis.xgroup('CREATE', QUEUE, 'frame-processors', '0').catch(() => {});
}

type Entries = [string, string[]][];

async function readOnce(count: number): Promise<Entries> {
  const reply = (await redis.xreadgroup(
    'GROUP',
    'frame-processors',
    'old-1',
    'COUNT',
    count,
    'BLOCK',
    100,
    'STREAMS',
    QUEUE,
    '>',
  )) as [string, Entries][] | null;
  return reply?.[0]?.[1] ?? [];
}

/** Reads, works, acknowledges (and never deletes), and writes its result to a stream of its own choice. */
async function workOn(count: number): Promise<Entries> {
  const done: Entries = [];
  await until(
    async () => {
      for (const [id, fields] of await readOnce(5)) {
        await redis.xadd('my:results', '*', 'frame_id', fields[1] ?? '', 'detections', '[]');
        await redis.xack(QUEUE, 'frame-processors', id);
        done.push([id, fields]);
      }
      return done.length >= count;
    },
    { what: `${count} frames to reach the processor` },
  );
  return done;
}

const books = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))!.books;

describe('an older processor', () => {
  it('finds queue and group made when its registration is answered', async () => {
    await http('POST', '/api/v1/processors/register', registration);
    const groups = (await redis.call('XINFO', 'GROUPS', QUEUE)) as string[][];
    expect(groups.map((group) => group[1])).toEqual(['frame-processors']);
  });

  it('gets every frame of an older publisher once, with its fields untouched', async () => {
    await startProcessor();
    await publish(25);
    const done = await workOn(25);
    expect(done.map(([, fields]) => fields[1])).toEqual(
      Array.from({ length: 25 }, (_none, i) => `cam1_${i}`),
    );
    const fields = Object.fromEntries(
      done[0]![1].flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1]]] : [])),
    );
    expect(fields).toMatchObject({
      metadata: "{'zone': 'door', 'armed': True, 'note': None}",
      frame_buffer_key: 'frame:cam1_0',
      correlation_id: 'None',
      timestamp: '2026-03-01 12:00:00.123456',
      attempt: '1',
      capability: 'object_detection',
    });
    expect(fields['traceparent']).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
    );
    expect(await books()).toMatchObject({ captured: 25, completed: 25, outstanding: 0, unaccounted: 0 });
  });

  it('never has more outstanding than its capacity, though it only acknowledges', async () => {
    await startProcessor();
    await publish(30);
    await until(async () => (await books()).outstanding === 10, { what: 'its queue to be full' });
    await readOnce(10);
    expect(await books()).toMatchObject({ captured: 30, outstanding: 10, unaccounted: 0 });
    await redis.xack(
      QUEUE,
      'frame-processors',
      ...((await redis.xrange(QUEUE, '-', '+')) as Entries).map(([id]) => id),
    );
    await until(async () => (await books()).completed === 10 && (await books()).outstanding === 10, {
      what: 'new credit to be used',
    });
  });

  it('is kept by its heartbeat, and told to register again when it is unknown', async () => {
    await startProcessor();
    const beat = { processor_id: 'old-1', status: 'healthy', timestamp: '2026-03-01T12:00:00.123456' };
    expect((await http('POST', '/api/v1/processors/heartbeat', beat)).status).toBe(200);
    await http('DELETE', '/api/v1/processors/old-1');
    expect((await http('POST', '/api/v1/processors/heartbeat', beat)).status).toBe(404);
  });

  it('leaves with DELETE, and what it had goes to another', async () => {
    await startProcessor();
    await publish(8);
    await until(async () => (await books()).outstanding === 8, { what: 'its queue to fill' });
    await readOnce(3);
    expect((await http('DELETE', '/api/v1/processors/old-1')).status).toBe(200);
    await until(async () => (await books()).outstanding === 0, { what: 'its frames to come back' });
    expect(await books()).toMatchObject({ captured: 8, completed: 0, unaccounted: 0 });
    await startProcessor();
    await workOn(8);
    expect(await books()).toMatchObject({ captured: 8, completed: 8, unaccounted: 0 });
  });

  it('is refused while another run of it is alive', async () => {
    await startProcessor();
    const answer = await http('POST', '/api/v1/processors/register', registration);
    expect(answer.status).toBe(409);
    expect(JSON.parse(answer.body).detail).toContain('already registered');
  });

  it('has its queue trimmed, so that it does not grow for ever', async () => {
    await startProcessor();
    await publish(250);
    await workOn(250);
    await until(async () => (await redis.xlen(QUEUE)) < 150, { what: 'acknowledged entries to be trimmed' });
    expect(await books()).toMatchObject({ captured: 250, completed: 250, unaccounted: 0 });
  });
});
