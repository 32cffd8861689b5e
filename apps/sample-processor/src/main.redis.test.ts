/** The program as it is run: a process of its own, beside a Redis and as much of an orchestrator as it needs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { completeRegistration, keyNames, type RegistrationRequest } from '@frame-buffer/models';
import { freePort, frameRecord, type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import sharp from 'sharp';

const keys = keyNames();
const QUEUE = keys.ready('sample-1');
let server: RedisServer;
let redis: Redis;
let orchestrator: Server;
let orchestratorUrl: string;
/** What the orchestrator was asked, in order, without the heartbeats. */
let asked: string[];
/** Of the run that registered last. */
let instanceId: string;
let children: { child: ChildProcess; exit: Promise<unknown> }[];

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
  asked = [];
  instanceId = 'none yet';
  children = [];
  orchestrator = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const call = `${request.method} ${request.url}`;
    if (!call.endsWith('/heartbeat')) asked.push(call);
    if (!call.endsWith('/register')) return void response.end('{}');
    await redis.xgroup('CREATE', QUEUE, 'frame-processors', '0', 'MKSTREAM').catch(() => {});
    const asWanted = JSON.parse(body) as RegistrationRequest;
    instanceId = asWanted.instance_id ?? '';
    const registration = completeRegistration(asWanted, { keys, instanceId: '', nowMs: Date.now() });
    response.writeHead(201).end(JSON.stringify(registration));
  });
  orchestrator.listen(0, '127.0.0.1');
  await once(orchestrator, 'listening');
  orchestratorUrl = `http://127.0.0.1:${(orchestrator.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const { child, exit } of children) {
    child.kill('SIGKILL');
    await exit;
  }
  orchestrator.close();
  orchestrator.closeAllConnections();
  await once(orchestrator, 'close');
});

function start(env: Record<string, string> = {}) {
  const child = spawn(
    process.execPath,
    ['--conditions=@frame-buffer/source', join(import.meta.dirname, 'main.ts')],
    {
      env: { PROCESSOR_ID: 'sample-1', REDIS_URL: server.url, ORCHESTRATOR_URL: orchestratorUrl, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output.text += chunk.toString()));
  const exit = once(child, 'close');
  children.push({ child, exit });
  return { child, output, exit };
}

const dispatch = (fields: Record<string, string>) =>
  redis.xadd(QUEUE, '*', ...Object.entries(frameRecord({ attempt: '1', ...fields })).flat());

async function results(count: number): Promise<Record<string, string>[]> {
  await until(async () => (await redis.xlen(keys.results)) >= count, { what: `${count} results` });
  const entries = (await redis.xrange(keys.results, '-', '+')) as [string, string[]][];
  return entries.map(([, flat]) =>
    Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : []))),
  );
}

/** Waits until this run waits for frames. */
async function reading(): Promise<void> {
  const clients = async () => String(await redis.client('LIST')).split('\n');
  const isReading = (line: string) =>
    line.includes(` name=${instanceId}-reads `) && line.includes(' flags=b ');
  await until(async () => (await clients()).some(isReading), { what: 'it to read its queue' });
}

describe('the sample processor', () => {
  it('registers, answers plainly, and leaves on SIGTERM', async () => {
    const { child, exit, output } = start();
    await reading();
    await dispatch({
      frame_id: 'f1',
      camera_id: 'c1',
      capability: 'sample_processing',
      metadata: '{"zone":"door"}',
    });
    const [result] = await results(1);
    expect(result).toMatchObject({
      frame_id: 'f1',
      camera_id: 'c1',
      processed: 'true',
      processing_time: expect.stringMatching(/^\d+\.\d{6}$/),
      processor_id: 'sample-1',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      metadata: '{"zone":"door"}',
    });
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(asked).toEqual([
      'POST /api/v1/processors/register',
      expect.stringMatching(/^POST \/api\/v1\/processors\/sample-1\/drain\?instance_id=sample-1-\w+$/),
      expect.stringMatching(/^DELETE \/api\/v1\/processors\/sample-1\?instance_id=sample-1-\w+$/),
    ]);
    expect(output.text).toContain('"message":"left"');
  });

  it('finds motion between two pictures of a camera', async () => {
    for (const [key, background] of [
      ['pixels:1', '#000'],
      ['pixels:2', '#fff'],
    ] as const)
      await redis.set(
        key,
        await sharp({ create: { width: 64, height: 48, channels: 3, background } })
          .jpeg()
          .toBuffer(),
      );
    start();
    await reading();
    for (const storage_path of ['pixels:1', 'pixels:2'])
      await dispatch({ capability: 'motion_detection', storage_path });
    const scores = (await results(2)).map(({ motion_score, motion_region }) => [motion_score, motion_region]);
    expect(scores).toEqual([
      ['0', 'null'],
      ['1', '{"x":0,"y":0,"width":64,"height":48}'],
    ]);
  });

  it('ends at once on a second SIGTERM', async () => {
    const { child, exit } = start();
    await reading();
    // Kept busy by a queue that never runs empty: somebody else holds an entry of it.
    const held = redis.multi().xadd(QUEUE, '*', 'frame_id', 'held');
    await held.xreadgroup('GROUP', 'frame-processors', 'somebody', 'COUNT', 1, 'STREAMS', QUEUE, '>').exec();
    child.kill('SIGTERM');
    await until(() => asked.length === 2, { what: 'it to drain' });
    const startedMs = performance.now();
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(performance.now() - startedMs).toBeLessThan(8_000);
    expect(asked.at(-1)).toMatch(/^DELETE \/api\/v1\/processors\/sample-1\?instance_id=/);
  });

  it('says that Redis is away, and works once it is there', async () => {
    const port = await freePort();
    const { output } = start({ REDIS_URL: `redis://127.0.0.1:${port}` });
    await until(() => output.text.includes('is out of reach'), { what: 'a line about Redis' });
    expect(output.text).toContain(
      `Redis at 127.0.0.1:${port} is out of reach, trying again until it is back: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    const late = await startRedis({ port });
    const client = new Redis(port);
    await client.xgroup('CREATE', QUEUE, 'frame-processors', '0', 'MKSTREAM');
    await client.xadd(QUEUE, '*', 'frame_id', 'f1', 'camera_id', 'c1');
    await until(() => client.xlen(keys.results), { what: 'a result', deadlineMs: 15_000 });
    expect(output.text.match(/Redis at [\d.:]+ is (out of reach|back)/g)).toEqual([
      `Redis at 127.0.0.1:${port} is out of reach`,
      `Redis at 127.0.0.1:${port} is back`,
    ]);
    client.disconnect();
    await late.stop();
  });

  it('shows health and figures where it is given a port', async () => {
    const port = await freePort();
    const { child, exit } = start({ HEALTH_PORT: String(port) });
    await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).status === 200, {
      what: 'it to be healthy',
    });
    const figures = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(figures).toContain('processor_active_tasks 0');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it('ends with status 1 and a sentence where it is refused, also with a health server', async () => {
    orchestrator.removeAllListeners('request');
    orchestrator.on('request', (_request, response) =>
      response.writeHead(401).end(JSON.stringify({ detail: 'A token is needed.' })),
    );
    const { exit, output } = start({ HEALTH_PORT: String(await freePort()) });
    expect(await exit).toEqual([1, null]);
    expect(output.text).toContain('registration of sample-1 refused: A token is needed.');
  });

  it('ends with status 2 and every fault of its configuration', async () => {
    const { exit, output } = start({
      MAX_CONCURRENT_FRAMES: 'many',
      PROCESSOR_ID: 'a b',
      HEALTH_PORT: '99999',
    });
    expect(await exit).toEqual([2, null]);
    expect(output.text).toBe(
      [
        'The configuration has 3 fault(s):',
        '  HEALTH_PORT: expected a whole number from 0 to 65535, found "99999"',
        '  PROCESSOR_ID: expected a processor id of 1 to 128 letters, digits, . _ : -, found "a b"',
        '  MAX_CONCURRENT_FRAMES: expected a whole number from 1 to 1000, found "many"\n',
      ].join('\n'),
    );
  });
});
