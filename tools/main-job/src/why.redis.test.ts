/** `npm run why` as it is run: beside a real orchestrator, for a frame that waits and for one that nobody knows. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { freePort, frameRecord, type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Program, startProgram } from './program.ts';

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
let server: RedisServer;
let redis: Redis;
let orchestrator: Program;
let url: string;
const logDirectory = mkdtempSync(join(tmpdir(), 'frame-buffer-why-'));

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  url = `http://127.0.0.1:${await freePort()}`;
  orchestrator = startProgram({
    name: 'orchestrator',
    main: pathOf('../../../apps/orchestrator/src/main.ts'),
    env: { REDIS_URL: server.url, PORT: new URL(url).port, ORCHESTRATOR_ID: 'o1' },
    logDirectory,
  });
  await until(async () => (await fetch(`${url}/health/ready`)).ok, {
    what: 'it to be ready',
    deadlineMs: 30_000,
  });
}, 60_000);
afterAll(async () => {
  await orchestrator.stop(10_000);
  redis.disconnect();
  await server.stop();
  rmSync(logDirectory, { recursive: true, force: true });
});

const why = (...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const argv = ['--conditions=@frame-buffer/source', pathOf('./why.ts'), ...args];
    const env = { ...process.env, ORCHESTRATOR_URL: url };
    execFile(process.execPath, argv, { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

it('tells why a frame waits, and who could take it', async () => {
  const body = { id: 'full', capabilities: ['detect'], capacity: 1, completion: 'delete' };
  await fetch(`${url}/processors/register`, { method: 'POST', body: JSON.stringify(body) });
  const keys = keyNames();
  for (const frame_id of ['first', 'second']) {
    const record = frameRecord({ frame_id, metadata: '', detection_type: 'detect' });
    await redis.xadd(keys.input, '*', ...Object.entries(record).flat());
    await until(async () => (await why(frame_id)).code === 0, { what: 'its trace' });
  }
  const { stdout } = await until(
    async () => {
      const answer = await why('second');
      return answer.stdout.includes('read by orchestrator') ? answer : undefined;
    },
    { what: 'the second to be read' },
  );
  expect(stdout).toContain('now: read by orchestrator o1, and waiting for a processor with credit');
  expect(stdout).toContain(
    'detect: it waits: every processor for it is at its capacity; strategy least_loaded',
  );
  expect(stdout).toMatch(/ {2}full +1 of 1 {2}score \d\.\d{3} {2}excluded: no credit/);
  expect((await why('first')).stdout).toContain(
    'now: in the queue frames:ready:full (attempt 1), not read by its processor yet',
  );
}, 60_000);

it('ends with 1 and a sentence for a frame that nobody knows', async () => {
  expect(await why('nobody')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No stream has a trace of a frame nobody'),
  });
}, 30_000);
