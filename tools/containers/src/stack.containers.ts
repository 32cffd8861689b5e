/** docker/compose.yaml as people start it: from a camera to results, and what its containers are. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { connectRedis, readBooks, recordOf } from '@frame-buffer/stream-consumer';
import { freePort, until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { createStack, type Stack } from './compose.ts';
import { docker } from './docker.ts';
import { environment } from './environment.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TIMEOUT_MS = 180_000;
const OWN_SERVICES = ['orchestrator', 'processor', 'capture'] as const;
const keys = keyNames();

let stack: Stack;
let redis: Redis;
let redisUrl: string;
let orchestratorUrl: string;

beforeAll(async () => {
  const [redisPort, orchestratorPort] = [await freePort(), await freePort()];
  stack = await createStack({
    name: `frame-buffer-stack-${randomBytes(3).toString('hex')}`,
    files: ['compose.yaml'],
    env: {
      FRAME_BUFFER_VERSION: environment().imageTag ?? 'test',
      REDIS_PUBLISHED_PORT: String(redisPort),
      ORCHESTRATOR_PUBLISHED_PORT: String(orchestratorPort),
    },
  });
  await stack.up();
  redisUrl = `redis://127.0.0.1:${redisPort}`;
  orchestratorUrl = `http://127.0.0.1:${orchestratorPort}`;
  redis = connectRedis(redisUrl);
}, TIMEOUT_MS);
afterAll(async () => {
  redis?.disconnect();
  await stack?.remove();
}, TIMEOUT_MS);

const only = async (service: string): Promise<string> => {
  const [container, ...others] = await stack.containers(service);
  if (container === undefined || others.length > 0) throw new Error(`${service} is not one container`);
  return container;
};
const healthOf = async (service: string): Promise<string> =>
  docker('inspect', '--format', '{{.State.Health.Status}}', await only(service));

it(
  'brings the pictures of its camera through to results',
  async () => {
    await until(async () => (await redis.xlen(keys.results)) >= 30, { what: 'results', deadlineMs: 60_000 });
    const [[, flat] = ['', []]] = await redis.xrevrange(keys.results, '+', '-', 'COUNT', 1);
    expect(recordOf(flat)).toMatchObject({
      camera_id: 'camera-1',
      capability: 'motion_detection',
      motion_score: expect.any(String),
    });
  },
  TIMEOUT_MS,
);

it(
  'passes npm run validate, all five tasks',
  async () => {
    const child = spawn(
      process.execPath,
      [
        '--conditions=@frame-buffer/source',
        join(ROOT, 'tools/validate/src/main.ts'),
        ...['--redis', redisUrl, '--orchestrator', orchestratorUrl, '--for', '10s', '--json'],
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
  },
  TIMEOUT_MS,
);

it.each([
  ['/', 'text/html'],
  ['/page/main.js', 'javascript'],
  ['/page/uplot.css', 'css'],
  ['/docs', 'text/html'],
  ['/openapi.json', 'json'],
  ['/metrics', 'text/plain'],
  ['/scripts/complete', 'text/plain'],
])(
  'has in the image what the orchestrator answers at %s',
  async (path, type) => {
    const answer = await fetch(`${orchestratorUrl}${path}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain(type);
    expect((await answer.text()).length).toBeGreaterThan(100);
  },
  TIMEOUT_MS,
);

it.each(['compose.observability.yaml', 'compose.ha.yaml', 'compose.dev.yaml'])(
  'is laid over by %s in words that compose understands',
  async (overlay) => {
    const laidOver = await createStack({
      name: 'frame-buffer-config',
      files: ['compose.yaml', overlay],
      env: {},
    });
    expect(await laidOver.config()).toMatch(/^services:/m);
  },
  TIMEOUT_MS,
);

it.each(OWN_SERVICES)(
  '%s runs as nobody special, with labels, and can write nowhere but into /tmp',
  async (service) => {
    const container = await only(service);
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
  TIMEOUT_MS,
);

it(
  'tells by its health checks that the orchestrator is without its Redis, and that it is well again',
  async () => {
    const becomes = (service: string, status: string): Promise<boolean> =>
      until(async () => (await healthOf(service)) === status, {
        what: `${service} to be ${status}`,
        deadlineMs: 60_000,
      });
    await becomes('orchestrator', 'healthy');
    await docker('pause', await only('redis'));
    await becomes('orchestrator', 'unhealthy');
    await docker('unpause', await only('redis'));
    await becomes('orchestrator', 'healthy');
    // It can't reach its queue either, and looks at its own time whether it can again.
    await becomes('processor', 'healthy');
  },
  TIMEOUT_MS,
);

it(
  'ends in order on SIGTERM, camera first, with every picture accounted for',
  async () => {
    for (const service of ['capture', 'processor', 'orchestrator'] as const) {
      const container = await only(service);
      if (service === 'processor')
        await until(async () => (await underWay()) === 0, { what: 'the last results' });
      await stack.stop(service);
      expect(await docker('inspect', '--format', '{{.State.ExitCode}}', container)).toBe('0');
    }
    expect(await books()).toMatchObject({ lostUpstream: 0, unaccounted: 0 });
  },
  TIMEOUT_MS,
);

const books = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))?.books;
async function underWay(): Promise<number> {
  const now = await books();
  return now ? now.unread + now.pendingInput + now.waitingRetry + now.outstanding : NaN;
}
