/** Against a real Redis, a real orchestrator in a process of its own, and a production processor that must not notice anything. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { keyNames } from '@frame-buffer/models';
import { createProcessor, type Processor } from '@frame-buffer/processor-client';
import { freePort, type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { parseOptions } from './options.ts';
import type { Report } from './report.ts';
import { validate } from './validate.ts';

const ORCHESTRATOR = join(import.meta.dirname, '../../../apps/orchestrator/src/main.ts');
const TOKEN = 'only-for-this-test';
const TIMEOUT_MS = 90_000;
const keys = keyNames();

let server: RedisServer;
let redis: Redis;
let orchestratorUrl: string;
let orchestrator: ChildProcess;
const processors: Processor[] = [];

beforeEach(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  const port = await freePort();
  orchestratorUrl = `http://127.0.0.1:${port}`;
  orchestrator = spawn(process.execPath, ['--conditions=@frame-buffer/source', ORCHESTRATOR], {
    stdio: 'ignore',
    env: { REDIS_URL: server.url, PORT: String(port), HOST: '127.0.0.1', API_TOKEN: TOKEN },
  });
  await until(async () => (await fetch(`${orchestratorUrl}/health/ready`)).ok, {
    what: 'the orchestrator',
    deadlineMs: 20_000,
  });
});
afterEach(async () => {
  for (const processor of processors.splice(0)) await processor.stop();
  if (orchestrator.exitCode === null && orchestrator.signalCode === null) {
    orchestrator.kill('SIGKILL');
    await once(orchestrator, 'exit');
  }
  redis.disconnect();
  await server.stop();
});

async function startProduction(seen: string[] = []): Promise<void> {
  const processor = createProcessor({
    id: 'production-1',
    capabilities: ['object_detection'],
    orchestratorUrl,
    redisUrl: server.url,
    apiToken: TOKEN,
    process: ({ frameId }) => void seen.push(frameId),
  });
  processors.push(processor);
  void processor.run();
  await until(() => processor.ready(), { what: 'the production processor' });
}

function run(...more: string[]): Promise<Report> {
  const argv = ['--redis', server.url, '--orchestrator', orchestratorUrl, '--for', '2s', ...more];
  const parsed = parseOptions(argv, { redisUrl: '', orchestratorUrl: '', apiToken: TOKEN });
  if (parsed.kind !== 'options') throw new Error(parsed.text);
  return validate(parsed.options, { say: () => {}, signal: new AbortController().signal });
}

const failed = ({ findings }: Report): string[] =>
  findings.filter(({ passed }) => !passed).map(({ check, detail }) => `${check}: ${detail}`);

it(
  'passes where everything is in order, leaves no trace, and touches nobody else’s frames',
  async () => {
    const seen: string[] = [];
    await startProduction(seen);
    const report = await run('--fps', '50');
    expect(failed(report)).toEqual([]);
    expect(report).toMatchObject({
      passed: true,
      performance: { published: 100, completed: 100, lost: 0, duplicates: 0 },
    });
    expect(new Set(report.findings.map(({ task }) => task)).size).toBe(5);
    expect(seen).toEqual([]);
    expect(await redis.hkeys(keys.registry)).toEqual(['production-1']);
    expect(await redis.exists(keys.results, keys.deadLetter)).toBeLessThanOrEqual(2);
    expect((await redis.xlen(keys.results)) + (await redis.xlen(keys.deadLetter))).toBe(0);
    const left = (await redis.keys('*validate*')).filter((key) => !key.startsWith('open:'));
    expect(left).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  'says what is wrong: a processor that does not read, a publisher that trims, a Redis that evicts',
  async () => {
    await fetch(`${orchestratorUrl}/processors/register`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: 'asleep', capabilities: ['sleeping'], capacity: 2 }),
    });
    await redis.xadd(keys.input, '*', 'frame_id', 'a', 'camera_id', 'c', 'detection_type', 'sleeping');
    await until(async () => (await redis.xlen(keys.ready('asleep'))) === 1, { what: 'its frame' });
    // Nobody can do these: they stay unread or wait, and a publisher's own trimming removes them.
    await fetch(`${orchestratorUrl}/control/pause`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    for (let i = 0; i < 5; i++)
      await redis.xadd(keys.input, 'MAXLEN', 1, '*', 'frame_id', `t${i}`, 'camera_id', 'c');
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await fetch(`${orchestratorUrl}/control/resume`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    const report = await run('--for', '500ms');
    expect(report.passed).toBe(false);
    expect(failed(report)).toEqual(
      expect.arrayContaining([
        'processors reading: unread queues: asleep',
        'nothing is evicted: maxmemory-policy allkeys-lru',
        expect.stringMatching(/^nothing is trimmed away unread: \d+ frames were: a publisher uses MAXLEN$/),
      ]),
    );
  },
  TIMEOUT_MS,
);

it(
  'says so where no orchestrator answers',
  async () => {
    orchestrator.kill('SIGKILL');
    await once(orchestrator, 'exit');
    const report = await run('--for', '200ms');
    expect(report.passed).toBe(false);
    expect(failed(report).join('\n')).toContain(`no orchestrator answers at ${orchestratorUrl}`);
  },
  TIMEOUT_MS,
);

it('says so where no Redis answers', async () => {
  await server.kill();
  const report = await run();
  expect(failed(report)).toEqual([expect.stringMatching(/^Redis answers: /)]);
  await server.restart();
});
