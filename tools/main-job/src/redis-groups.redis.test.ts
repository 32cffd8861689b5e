/** The whole system as processes, captures, orchestrator and processors, in a real Redis Cluster and behind real Sentinels. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DEFAULT_HASH_TAG, INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { connectRedis, readBooks } from '@frame-buffer/stream-consumer';
import { startRedisCluster, startSentinels, until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TIMEOUT_MS = 120_000;
/** The servers must reach one another under the addresses that they give. */
const local = process.env['TEST_REDIS'] === 'container' ? describe.skip : describe;

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; report: Record<string, number> }>;
}

function start(redisUrl: string, ...argv: string[]): Run {
  const child = spawn(
    process.execPath,
    ['--conditions=@frame-buffer/source', MAIN, '--cameras', '2', '--fps', '20', '--json', ...argv],
    { env: { ...process.env, REDIS_URL: redisUrl }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    report: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>,
  }));
  return { child, ended };
}

const completedReach = (redis: Redis, group: ReturnType<typeof keyNames>, count: number): Promise<boolean> =>
  until(
    async () => {
      const reading = await readBooks(redis, { keys: group, group: INPUT_GROUP });
      return (reading?.books.completed ?? 0) >= count;
    },
    { what: `${count} frames to be completed`, deadlineMs: 60_000 },
  );

local('the main job', () => {
  it(
    'does its work in a Redis Cluster of three primaries',
    async () => {
      const cluster = await startRedisCluster({ primaries: 3 });
      const redis = connectRedis(cluster.url);
      try {
        const { code, report } = await start(cluster.url, '--for', '4s').ended;
        expect(report).toMatchObject({
          deadLettered: 0,
          lostUpstream: 0,
          inFlight: 0,
          unaccounted: 0,
          duplicates: 0,
        });
        expect(report['completed']).toBe(report['captured']);
        expect(report['captured']).toBeGreaterThan(60);
        expect(code).toBe(0);
        const { results } = keyNames({ hashTag: DEFAULT_HASH_TAG });
        expect(await redis.xlen(results)).toBe(report['completed']);
      } finally {
        redis.disconnect();
        await cluster.stop();
      }
    },
    TIMEOUT_MS,
  );

  it(
    'goes on behind Sentinels when the primary is killed, and the books balance',
    async () => {
      const setup = await startSentinels({ downAfterMs: 500, appendOnly: true });
      const redis = connectRedis(setup.url);
      try {
        const run = start(setup.url);
        await completedReach(redis, keyNames(), 40);
        await setup.primary.kill();
        await until(async () => (await setup.primaryPort()) === setup.replica.port, {
          what: 'the replica to be promoted',
          deadlineMs: 30_000,
        });
        const { books } = (await readBooks(redis, { keys: keyNames(), group: INPUT_GROUP }))!;
        await completedReach(redis, keyNames(), books.completed + 60);
        run.child.kill('SIGINT');
        const { report } = await run.ended;
        expect(report).toMatchObject({ deadLettered: 0, inFlight: 0, unaccounted: 0 });
        expect(report['completed']).toBe(report['captured']);
      } finally {
        redis.disconnect();
        await setup.stop();
      }
    },
    TIMEOUT_MS,
  );
});
