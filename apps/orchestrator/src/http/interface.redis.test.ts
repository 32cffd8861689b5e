/** The interface as a client meets it: good input, bad input, both prefixes, the token, and answers as the document says. */
import { keyNames } from '@frame-buffer/models';
import { silentLogger } from '@frame-buffer/telemetry';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from '../compose.ts';
import { readConfig } from '../config.ts';

const keys = keyNames();
let server: RedisServer;
let redis: Redis;
let orchestrator: Orchestrator;

async function start(env: Record<string, string> = {}): Promise<Orchestrator> {
  const outcome = readConfig({ REDIS_URL: server.url, PORT: '0', HOST: '127.0.0.1', ...env });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  return startOrchestrator(outcome.config, silentLogger);
}

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
  orchestrator = await start();
});
afterEach(() => orchestrator.stop());

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown> & { errors?: { field: string }[]; detail?: string };
}

async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const init: RequestInit = { method, headers };
  if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`${orchestrator.url}${path}`, init);
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return { status: response.status, type, body: type.includes('json') ? JSON.parse(text) : { text } };
}

const registration = (overrides: object = {}) => ({
  id: 'p1',
  capabilities: ['detect'],
  capacity: 4,
  instance_id: 'run-1',
  ...overrides,
});
const register = (overrides: object = {}) => ask('POST', '/processors/register', registration(overrides));

describe('processors', () => {
  it('register, are listed under both prefixes, and leave', async () => {
    expect((await register()).status).toBe(201);
    for (const prefix of ['', '/api/v1']) {
      expect((await ask('GET', `${prefix}/processors`)).body).toMatchObject([
        { id: 'p1', alive: true, outstanding: 0 },
      ]);
    }
    expect((await ask('DELETE', '/processors/p1')).body).toEqual({
      id: 'p1',
      status: 'left',
      frames_returned: 0,
    });
    expect((await ask('DELETE', '/processors/p1')).status).toBe(404);
  });

  it('are found by capability', async () => {
    await register();
    await register({ id: 'p2', capabilities: ['read'] });
    for (const path of ['/processors?capability=read', '/processors/search?capability=read']) {
      expect((await ask('GET', path)).body).toMatchObject([{ id: 'p2' }]);
    }
  });

  it('are told every fault of a registration at once', async () => {
    const { status, type, body } = await register({
      id: 'a b',
      capacity: 0,
      capabilities: ['ok', 7],
      queue: keys.input,
    });
    expect(status).toBe(422);
    expect(type).toContain('application/problem+json');
    expect(body.errors?.map(({ field }) => field).toSorted()).toEqual(['capabilities[1]', 'capacity', 'id']);
  });

  it.each(['queue', 'results'])('can not take a key of the protocol as %s', async (field) => {
    const { status, body } = await register({ [field]: keys.ledger });
    expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
  });

  it('are refused where another run is alive, and get in with takeover', async () => {
    await register();
    const conflict = await register({ instance_id: 'run-2' });
    expect([conflict.status, conflict.body.detail]).toEqual([
      409,
      expect.stringContaining('already registered'),
    ]);
    expect((await register({ instance_id: 'run-2', takeover: true })).status).toBe(201);
  });

  it('are changed by PUT, and stay the same run', async () => {
    await register();
    expect((await ask('PUT', '/processors/p1', { capacity: 9 })).body).toMatchObject({
      capacity: 9,
      instance_id: 'run-1',
    });
    expect((await ask('PUT', '/processors/p1', { capacity: 'many' })).status).toBe(422);
    expect((await ask('PUT', '/processors/nobody', { capacity: 9 })).status).toBe(404);
  });

  it.each([
    ['drain', 'draining'],
    ['isolate', 'isolated'],
    ['restore', 'active'],
  ])('%s', async (verb, state) => {
    await register();
    expect((await ask('POST', `/processors/p1/${verb}`)).body).toMatchObject({ id: 'p1', state });
    expect((await ask('POST', `/processors/nobody/${verb}`)).status).toBe(404);
  });

  it('renew their lease, or hear that they are unknown, replaced or unreadable', async () => {
    await register();
    const beat = (body: object) => ask('POST', '/processors/heartbeat', body);
    expect((await beat({ processor_id: 'p1', status: 'healthy', timestamp: null })).status).toBe(200);
    expect((await beat({ processor_id: 'nobody' })).status).toBe(404);
    expect((await beat({ processor_id: 'p1', instance_id: 'run-2' })).status).toBe(409);
    expect((await beat({ status: 'healthy' })).status).toBe(422);
    expect((await ask('GET', '/processors/p1/health')).body).toMatchObject({
      alive: true,
      health: { status: 'healthy' },
    });
  });
});

describe('what is no request', () => {
  it.each([
    ['text that is not JSON', 'POST', '/processors/register', '{"id":', 400],
    [
      'a body beyond the limit',
      'POST',
      '/processors/register',
      JSON.stringify({ id: 'x'.repeat(300_000) }),
      413,
    ],
    ['a path that is not there', 'GET', '/nowhere', undefined, 404],
    ['an id that is no entry', 'DELETE', '/dead-letters/yesterday', undefined, 404],
    ['a page that is none', 'GET', '/dead-letters?count=0&before=x', undefined, 422],
    ['ids that are none', 'POST', '/dead-letters/requeue', '{"ids":["x"]}', 422],
    ['a frame that is none', 'POST', '/frames/route', '{"frame":[]}', 422],
  ])('%s is a problem document', async (_what, method, path, body, status) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  });
});

describe('frames', () => {
  const frame = { frame_id: 'f1', camera_id: 'c1', detection_type: 'detect' };

  it('are explained, and put into the input only if asked', async () => {
    await register();
    const { body } = await ask('POST', '/frames/route', { frame });
    expect(body).toMatchObject({ dispatched: false, explanations: [{ decision: { processorId: 'p1' } }] });
    expect(await redis.xlen(keys.input)).toBe(0);
    expect((await ask('POST', '/frames/route', { frame, dispatch: true })).body).toMatchObject({
      dispatched: true,
    });
    await until(async () => (await ask('GET', '/frames/ledger')).body['outstanding'] === 1, {
      what: 'its hand-off',
    });
    expect((await ask('GET', '/frames/backlogs')).body).toMatchObject({
      queues: [{ queue: 'frames:ready:p1', outstanding: 1 }],
    });
    expect((await ask('GET', '/frames/stats')).body).toMatchObject({ consumed: 1, handed_off: 1 });
  });

  it('that are dead letters are listed in pages, sent again and deleted', async () => {
    for (let i = 0; i < 3; i++) await redis.xadd(keys.input, '*', 'frame_id', `bad-${i}`);
    await until(async () => (await redis.xlen(keys.deadLetter)) === 3, { what: 'three dead letters' });
    const first = (await ask('GET', '/dead-letters?count=2')).body as {
      dead_letters: { id: string; fields: object }[];
      next: string;
    };
    expect(first.dead_letters.map(({ fields }) => fields)).toMatchObject([
      { frame_id: 'bad-2' },
      { frame_id: 'bad-1' },
    ]);
    const second = (await ask('GET', `/dead-letters?count=2&before=${first.next}`)).body as typeof first;
    expect(second.dead_letters).toMatchObject([
      { fields: { frame_id: 'bad-0', dead_letter_reason: 'bad_record' } },
    ]);
    const { id } = second.dead_letters[0]!;
    expect((await ask('DELETE', `/dead-letters/${id}`)).body).toEqual({ id, status: 'deleted' });
    const again = (await ask('POST', '/dead-letters/requeue', { ids: [first.next, id] })).body;
    expect(again).toEqual({ requeued: [first.next], missing: [id] });
  });
});

describe('control and observation', () => {
  it('pauses and resumes', async () => {
    expect((await ask('POST', '/control/pause')).body).toMatchObject({ paused: true });
    expect((await ask('GET', '/control/status')).body).toMatchObject({
      paused: true,
      routing_strategy: 'least_loaded',
    });
    expect((await ask('POST', '/control/resume')).body).toMatchObject({ paused: false });
  });

  it('is ready with Redis, and not without', async () => {
    expect((await ask('GET', '/health/ready')).status).toBe(200);
    await server.pause();
    try {
      expect((await ask('GET', '/health/live')).status).toBe(200);
      expect((await ask('GET', '/health/ready')).status).toBe(503);
    } finally {
      await server.resume();
    }
    await until(async () => (await ask('GET', '/health')).status === 200, { what: 'health to return' });
  });

  it('exposes metrics', async () => {
    await register();
    const depth = /^frame_buffer_processor_queue_depth\{processor_id="p1"\} 0$/m;
    await until(async () => depth.test(String((await ask('GET', '/metrics')).body['text'])), {
      what: 'its queue depth',
    });
    const { status, type, body } = await ask('GET', '/metrics');
    expect([status, type]).toEqual([200, expect.stringContaining('text/plain')]);
    expect(body['text']).toContain('# TYPE frame_buffer_frames_unaccounted gauge');
  });
});

describe('with a token', () => {
  it('what changes something asks for it, and reading does not', async () => {
    await orchestrator.stop();
    orchestrator = await start({ API_TOKEN: 'secret' });
    expect((await ask('GET', '/processors')).status).toBe(200);
    expect((await register()).status).toBe(401);
    expect(
      (await ask('POST', '/processors/register', registration(), { authorization: 'Bearer secreT' })).status,
    ).toBe(401);
    expect(
      (await ask('POST', '/processors/register', registration(), { authorization: 'Bearer secret' })).status,
    ).toBe(201);
  });
});

describe('the OpenAPI document', () => {
  interface Operation {
    operationId: string;
    parameters: { name: string; in: string }[];
    responses: Record<string, unknown>;
  }
  const operations = async (): Promise<[path: string, method: string, operation: Operation][]> => {
    const { paths } = (await ask('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, Operation>>;
    };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): [string, string, Operation] => [
        path,
        method,
        operation,
      ]),
    );
  };

  it('gives every operation a name of its own, its parameters and its answers', async () => {
    const all = await operations();
    expect(new Set(all.map(([, , { operationId }]) => operationId)).size).toBe(all.length);
    for (const [path, , { parameters, responses }] of all) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
      expect(Object.keys(responses).length).toBeGreaterThan(0);
    }
  });

  it('names the status that every endpoint answers to nonsense', async () => {
    for (const [path, method, { responses }] of await operations()) {
      // Events end when the client leaves.
      if (JSON.stringify(responses).includes('text/event-stream')) continue;
      const { status } = await ask(
        method.toUpperCase(),
        path.replace(/\{\w+\}/g, 'nobody'),
        method === 'get' ? undefined : '{}',
      );
      expect(Object.keys(responses).map(Number)).toContain(status);
    }
  });
});
