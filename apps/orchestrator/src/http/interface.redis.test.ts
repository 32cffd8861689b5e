/** The interface as a client meets it: good input, bad input, both prefixes, the token, and answers as the document says. */
import { Writable } from 'node:stream';
import { keyNames, PROCESSOR_GROUP } from '@frame-buffer/models';
import { createLogger, type Logger, silentLogger } from '@frame-buffer/telemetry';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from '../compose.ts';
import { readConfig } from '../config.ts';
import { type Answer, checkedClient, type Operation } from '../test-support/checked-client.ts';

const keys = keyNames();
/** Operations and the statuses that they have answered in this file. */
const asked = new Map<string, Set<number>>();
let server: RedisServer;
let redis: Redis;
let orchestrator: Orchestrator;

async function start(env: Record<string, string> = {}, logger: Logger = silentLogger): Promise<Orchestrator> {
  const outcome = readConfig({ REDIS_URL: server.url, PORT: '0', HOST: '127.0.0.1', ...env });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  return startOrchestrator(outcome.config, logger);
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

/** Every answer in this file is held against the document. */
async function ask(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const client = await checkedClient(orchestrator.url);
  const answer = await client.ask(method, path, body, headers);
  for (const [id, statuses] of client.seen) asked.set(id, new Set([...(asked.get(id) ?? []), ...statuses]));
  return answer;
}

const registration = (overrides: object = {}) => ({
  id: 'p1',
  capabilities: ['detect'],
  capacity: 4,
  instance_id: 'run-1',
  ...overrides,
});
interface ScriptInAnswer {
  readonly source: string;
  readonly keys: readonly string[];
  readonly request: object;
}

/** Puts a frame into its queue as if read. @returns the entry's id */
async function handedTo(id: string): Promise<string> {
  const entry = (await redis.xadd(keys.ready(id), '*', 'frame_id', 'f', 'camera_id', 'c'))!;
  await redis.xreadgroup('GROUP', PROCESSOR_GROUP, 'c', 'COUNT', 1, 'STREAMS', keys.ready(id), '>');
  return entry;
}
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

  it('may send text that was cut within a character', async () => {
    const { status, body } = await register({ metadata: { note: 'cut \ud83d' } });
    expect([status, body]).toMatchObject([201, { metadata: { note: 'cut \ufffd' } }]);
    expect(await redis.exists(keys.ready('p1'))).toBe(1);
    const beat = { processor_id: 'p1', status: '\ud83d' };
    expect((await ask('POST', '/processors/heartbeat', beat)).status).toBe(200);
  });

  it('are found by capability', async () => {
    await register();
    await register({ id: 'p2', capabilities: ['read'] });
    for (const path of ['/processors?capability=read', '/processors/search?capability=read']) {
      expect((await ask('GET', path)).body).toMatchObject([{ id: 'p2' }]);
    }
  });

  it('are listed in pages, by id, where a limit is given', async () => {
    for (const id of ['p3', 'p1', 'p2']) await register({ id });
    expect((await ask('GET', '/processors')).body).toMatchObject([{ id: 'p1' }, { id: 'p2' }, { id: 'p3' }]);
    const first = await ask('GET', '/api/v1/processors?capability=detect&limit=2');
    expect(first.body).toMatchObject([{ id: 'p1' }, { id: 'p2' }]);
    const link = first.headers.get('link');
    expect(link).toBe('<?capability=detect&limit=2&after=p2>; rel="next"');
    const second = await ask('GET', `/api/v1/processors${link?.slice(1, link.indexOf('>'))}`);
    expect(second.body).toMatchObject([{ id: 'p3' }]);
    expect(second.headers.get('link')).toBeNull();
    expect((await ask('GET', '/processors?limit=0&after=%20')).body.errors).toMatchObject([
      { field: 'limit', expected: 'a whole number from 1 to 10000' },
      { field: 'after' },
    ]);
  });

  it('can be looked at one by one', async () => {
    await register({ metadata: { floor: 3 } });
    expect((await ask('GET', '/processors/p1')).body).toMatchObject({ id: 'p1', metadata: { floor: 3 } });
    expect((await ask('GET', '/processors/p2')).status).toBe(404);
    expect((await ask('GET', '/processors/p2/health')).status).toBe(404);
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
    for (const key of [keys.ledger, keys.cutover, keys.health('later'), keys.orchestrator('o1')]) {
      const { status, body } = await register({ [field]: key });
      expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
    }
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

  it('are told which of their fields PUT can not change, unless it has the value already', async () => {
    await register();
    const change = {
      id: 'p2',
      instance_id: 'x',
      queue: 'q',
      group: 'g',
      completion: 'delete',
      state: 'draining',
    };
    const { status, body } = await ask('PUT', '/processors/p1', { ...change, capacity: 0 });
    expect([status, body.errors?.map(({ field }) => field)]).toEqual([
      422,
      [...Object.keys(change), 'capacity'],
    ]);
    const same = { id: 'p1', queue: keys.ready('p1'), state: 'active', group: null };
    const { body: now } = await ask('PUT', '/processors/p1', { ...same, capacity: 9 });
    expect(now).toMatchObject({ id: 'p1', group: 'frame-processors', capacity: 9, state: 'active' });
  });

  it.each([
    ['a key that is no stream', 'text'],
    ["another's queue", 'queue-2'],
    ["another's queue that is there by its name", 'frames:ready:p2'],
    ['a key of the protocol', 'processors:health:p2'],
  ])('can not change their stream of results to %s', async (_what, results) => {
    await redis.set('text', 'x');
    await register();
    await register({ id: 'p2', queue: 'queue-2' });
    const { status, body } = await ask('PUT', '/processors/p1', { results });
    expect([status, body.errors]).toMatchObject([422, [{ field: 'results', value: `"${results}"` }]]);
    expect((await ask('PUT', '/processors/p1', { results: 'mine' })).body).toMatchObject({ results: 'mine' });
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

  it('are neither drained nor removed in the name of a former run', async () => {
    await register({ instance_id: 'run-2' });
    const late = [
      await ask('POST', '/processors/p1/drain?instance_id=run-1'),
      await ask('DELETE', '/processors/p1?instance_id=run-1'),
    ];
    expect(late.map(({ status, body }) => [status, body.detail])).toEqual([
      [409, 'Another run of p1 has taken over.'],
      [409, 'Another run of p1 has taken over.'],
    ]);
    expect((await ask('GET', '/processors/p1')).body).toMatchObject({
      instance_id: 'run-2',
      state: 'active',
    });
    expect((await ask('POST', '/processors/p1/drain?instance_id=run-2')).status).toBe(200);
    expect((await ask('DELETE', '/processors/p1?instance_id=run-2')).status).toBe(200);
    expect((await ask('DELETE', '/processors/p1?instance_id=run-2')).status).toBe(404);
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
    [
      'a body nested too deep',
      'POST',
      '/processors/register',
      `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
      400,
    ],
    ['an address that can not be read', 'GET', '/processors/%E0%A4%A', undefined, 400],
    ['a method that is not taken', 'DELETE', '/frames/stats', undefined, 405],
    ['a level that is none', 'PUT', '/control/log-level', '{"level":"loud"}', 422],
    ['ids that are none', 'POST', '/dead-letters/requeue', '{"ids":["x"]}', 422],
    ['a frame that is none', 'POST', '/frames/route', '{"frame":[]}', 422],
  ])('%s is a problem document', async (_what, method, path, body, status) => {
    const answer = await ask(method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  });

  it('is told the limit that its body is beyond', async () => {
    const { body } = await ask('POST', '/processors/register', JSON.stringify({ id: 'x'.repeat(300_000) }));
    expect(body.detail).toBe('The body is larger than 256 KiB, the most that is taken.');
  });

  it.each(['null', '"text"', '[]'])('%s in the place of an object is one fault, in words', async (text) => {
    const { body } = await ask('POST', '/processors/register', text);
    expect(body.errors).toEqual([{ field: '(record)', value: text, expected: 'an object' }]);
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
    expect((await ask('GET', '/frames/f1')).body).toMatchObject({ frame_id: 'f1' });
    expect((await ask('GET', '/frames/f2')).status).toBe(404);
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

  it('changes the log level while it runs', async () => {
    expect((await ask('PUT', '/control/log-level', { level: 'debug' })).status).toBe(409);
    await orchestrator.stop();
    const lines: string[] = [];
    const stream = new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk));
        done();
      },
    });
    const logger = createLogger({ service: 'test', stream, level: 'warn' });
    orchestrator = await start({}, logger);
    await ask('POST', '/control/resume');
    expect((await ask('PUT', '/control/log-level', { level: 'info' })).body).toMatchObject({
      log_level: 'info',
    });
    await ask('POST', '/control/resume', undefined, { 'x-request-id': 'mine' });
    const requests = () => lines.filter((line) => line.includes('request_id'));
    await until(() => requests().length > 1, { what: 'a line about the second request' });
    expect(requests().map((line) => JSON.parse(line) as object)).toMatchObject([
      { message: 'PUT /control/log-level 200' },
      { message: 'POST /control/resume 200', request_id: 'mine' },
    ]);
    await logger.close();
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

  it('gives the scripts for processors in other languages', async () => {
    expect(String((await ask('GET', '/scripts/complete')).body['text'])).toContain('XACK');
    expect((await ask('GET', '/scripts/other')).status).toBe(404);
  });

  it('gives them with a registration, ready to run but for what concerns the frame', async () => {
    expect((await register()).body['scripts']).toBeUndefined();
    const { body } = await register({ id: 'p2', completion: 'delete' });
    const { complete, 'give-back': giveBack } = body['scripts'] as Record<string, ScriptInAnswer>;
    const run = ({ source, keys, request }: ScriptInAnswer, more: object) =>
      redis.eval(source, keys.length, ...keys, JSON.stringify({ ...request, ...more }));
    const [done, failed] = [await handedTo('p2'), await handedTo('p2')];
    expect(await run(complete!, { completions: [[done, ['frame_id', 'f']]] })).toEqual([1]);
    const failure = { processor_id: 'p2', error: 'too dark', at: '2026-01-31T12:00:00Z' };
    expect(await run(giveBack!, { id: failed, failure })).toBe(1);
    expect(await redis.xrange(keys.results, '-', '+')).toMatchObject([
      [expect.anything(), ['frame_id', 'f']],
    ]);
  });

  it('has a page to try it, that needs nothing from elsewhere', async () => {
    const page = await ask('GET', '/api/v1/docs');
    const files = [...String(page.body['text']).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file);
    expect(files).toHaveLength(4);
    for (const file of files) {
      const response = await fetch(new URL(file ?? '', `${orchestrator.url}/api/v1/docs`));
      expect([response.status, (await response.arrayBuffer()).byteLength > 100]).toEqual([200, true]);
    }
    expect(await ask('GET', '/openapi.json')).toMatchObject({ body: { openapi: '3.1.0' } });
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

describe('without a token', () => {
  it('what changes something is refused to pages of other origins, and reading is left to the browser', async () => {
    const foreign = { origin: 'https://elsewhere.example', 'content-type': 'text/plain' };
    for (const [path, body] of [
      ['/control/pause', undefined],
      ['/processors/register', registration()],
    ] as const) {
      const { status, body: problem } = await ask('POST', path, body, foreign);
      expect([status, problem.detail]).toEqual([403, expect.stringContaining('A page of another origin')]);
    }
    expect((await ask('GET', '/processors', undefined, foreign)).body).toEqual([]);
    expect((await ask('GET', '/control/status')).body).toMatchObject({ paused: false });
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
  it('gives every operation a name of its own, its parameters and a schema for every answer', async () => {
    const { operations } = await checkedClient(orchestrator.url);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, parameters, responses } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(inPath);
      for (const { content } of Object.values(responses)) {
        for (const { schema } of Object.values(content)) expect(Object.keys(schema)).not.toEqual([]);
      }
    }
  });

  /** Those that answer at once; a stream of events has a test of its own, `page/events.redis.test.ts`. */
  const answering = async (): Promise<Operation[]> =>
    (await checkedClient(orchestrator.url)).operations.filter(
      ({ responses }) => responses['200']?.content['text/event-stream'] === undefined,
    );

  it('holds for nonsense at every endpoint', async () => {
    for (const { method, path, body } of await answering()) {
      const { status } = await ask(method, path.replace(/\{\w+\}/g, 'nobody'), body ? '{}' : undefined);
      if (body) expect([404, 422]).toContain(status);
      else expect(status).toBeLessThan(500);
    }
  });

  it('is whole: every operation was asked in this file, and gave what it promises', async () => {
    const operations = await answering();
    const gave = (id: string): boolean => [...(asked.get(id) ?? [])].some((status) => status < 300);
    expect(operations.map(({ operationId }) => operationId).filter((id) => !gave(id))).toEqual([]);
  });
});
