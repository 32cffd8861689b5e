/** docker/compose.yaml as people start it: from a camera to results, and what its containers are. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { keyNames } from '@frame-buffer/models';
import { connectRedis, recordOf } from '@frame-buffer/stream-consumer';
import { until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { composeOf } from './compose.ts';
import { docker } from './docker.ts';
import { booksOf, isSettled } from './frames.ts';
import { type Stack, startStack } from './stack.ts';

const ROOT = join(import.meta.dirname, '../../..');
const CONFIG_MS = 30_000;
const OWN_SERVICES = ['orchestrator', 'processor', 'capture'] as const;
const keys = keyNames();

let stack: Stack;
let redis: Redis;

beforeAll(async () => {
  stack = await startStack(['compose.yaml']);
  redis = connectRedis(stack.redisUrl);
});
afterAll(async () => {
  redis?.disconnect();
  await stack?.remove();
});

const healthOf = async (service: string): Promise<string> =>
  docker('inspect', '--format', '{{.State.Health.Status}}', await stack.container(service));

it('brings the pictures of its camera through to results', async () => {
  await until(async () => (await redis.xlen(keys.results)) >= 30, { what: 'results', deadlineMs: 60_000 });
  const [[, flat] = ['', []]] = await redis.xrevrange(keys.results, '+', '-', 'COUNT', 1);
  expect(recordOf(flat)).toMatchObject({
    camera_id: 'camera-1',
    capability: 'motion_detection',
    motion_score: expect.any(String),
  });
});

it('passes npm run validate, all five tasks', async () => {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@frame-buffer/source',
      join(ROOT, 'tools/validate/src/main.ts'),
      ...['--redis', stack.redisUrl, '--orchestrator', stack.orchestratorUrl, '--for', '10s', '--json'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const { findings } = JSON.parse(output) as { findings: { task: string; passed: boolean }[] };
  expect(findings.filter(({ passed }) => !passed)).toEqual([]);
  expect(new Set(findings.map(({ task }) => task)).size).toBe(5);
  expect(code).toBe(0);
});

it.each([
  ['/', 'text/html'],
  ['/page/main.js', 'javascript'],
  ['/page/uplot.css', 'css'],
  ['/docs', 'text/html'],
  ['/openapi.json', 'json'],
  ['/metrics', 'text/plain'],
  ['/scripts/complete', 'text/plain'],
])('has in the image what the orchestrator answers at %s', async (path, type) => {
  const answer = await fetch(`${stack.orchestratorUrl}${path}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain(type);
  expect((await answer.text()).length).toBeGreaterThan(100);
});

it.each(['compose.observability.yaml', 'compose.ha.yaml', 'compose.dev.yaml'])(
  'is laid over by %s in words that compose understands',
  async (overlay) => {
    const compose = await composeOf({ name: 'frame-buffer-config', files: ['compose.yaml', overlay] });
    expect(await compose(CONFIG_MS, 'config')).toMatch(/^services:/m);
  },
);

it.each(OWN_SERVICES)(
  '%s runs as nobody special, with labels, and can write nowhere but into /tmp',
  async (service) => {
    const container = await stack.container(service);
    const inside = (script: string): Promise<string> => docker('exec', container, 'sh', '-c', script);
    expect(await inside('id -u')).toBe('1000');
    expect(await inside('touch /app/x 2>&1 || true')).toContain('Read-only file system');
    expect(await inside('touch /tmp/x && echo written')).toBe('written');
    expect(await inside("grep -E '^(CapEff|NoNewPrivs)' /proc/self/status")).toMatch(
      /CapEff:\s+0+\nNoNewPrivs:\s+1/,
    );
    const labels = JSON.parse(
      await docker('inspect', '--format', '{{json .Config.Labels}}', container),
    ) as object;
    const wanted = ['title', 'description', 'licenses', 'version', 'revision'];
    expect(Object.keys(labels)).toEqual(
      expect.arrayContaining(wanted.map((label) => `org.opencontainers.image.${label}`)),
    );
  },
);

it('tells by its health checks that the orchestrator is without its Redis, and that it is well again', async () => {
  const becomes = (service: string, status: string): Promise<boolean> =>
    until(async () => (await healthOf(service)) === status, {
      what: `${service} to be ${status}`,
      deadlineMs: 60_000,
    });
  await becomes('orchestrator', 'healthy');
  await docker('pause', await stack.container('redis'));
  await becomes('orchestrator', 'unhealthy');
  await docker('unpause', await stack.container('redis'));
  await becomes('orchestrator', 'healthy');
  // It can't reach its queue either, and looks at its own time whether it can again.
  await becomes('processor', 'healthy');
});

it('ends in order on SIGTERM, camera first, with every picture accounted for', async () => {
  for (const service of ['capture', 'processor', 'orchestrator'] as const) {
    const container = await stack.container(service);
    if (service === 'processor') await until(() => isSettled(redis), { what: 'the last results' });
    await stack.stop(service);
    expect(await docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0');
  }
  expect(await booksOf(redis)).toMatchObject({ lostUpstream: 0, unaccounted: 0 });
});
