/** The cutover in a real Redis Cluster of three primaries, from the older service's own stream, and back. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { createProcessor } from '@frame-buffer/processor-client';
import { connectRedis } from '@frame-buffer/stream-consumer';
import { freePort, type RedisCluster, startRedisCluster, until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const OLD = 'frame-buffer';
const FRAMES = 30;
const TIMEOUT_MS = 90_000;
/** The nodes of a cluster must reach one another under the addresses that they give. */
const local = process.env['TEST_REDIS'] === 'container' ? describe.skip : describe;
type Entries = [id: string, fields: string[]][];

local('in a Redis Cluster the cutover', () => {
  let cluster: RedisCluster;
  let redis: Redis;
  let port: number;
  let orchestrator: number | undefined;

  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, TIMEOUT_MS);
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    port = await freePort();
    orchestrator = undefined;
  });
  afterEach(() => {
    if (orchestrator !== undefined) process.kill(orchestrator, 'SIGKILL');
    redis.disconnect();
  });

  async function cutover(url: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const child = spawn(
      process.execPath,
      ['--conditions=@frame-buffer/source', MAIN, '--redis', url, '--idle', '0s', ...args],
      { env: { ...process.env, PORT: String(port), LOG_LEVEL: 'warn' }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    const pid = /started \(pid (\d+)/.exec(output)?.[1];
    if (pid) orchestrator = Number(pid);
    return { code, output };
  }

  /** Thirty frames: ten done by the older service, five pending for it, the others unread. */
  async function startOldService(stream: string): Promise<void> {
    for (let i = 0; i < FRAMES; i++)
      await redis.xadd(stream, '*', 'frame_id', `f${i}`, 'camera_id', 'c', 'detection_type', 'detect');
    await redis.xgroup('CREATE', stream, OLD, '0');
    await finishByOld(stream, (await readByOld(stream, 15)).slice(0, 10));
  }
  async function readByOld(stream: string, count: number): Promise<Entries> {
    const reply = await redis.xreadgroup('GROUP', OLD, 'old-1', 'COUNT', count, 'STREAMS', stream, '>');
    return (reply as [string, Entries][] | null)?.[0]?.[1] ?? [];
  }
  const finishByOld = async (stream: string, entries: Entries): Promise<unknown> =>
    entries.length && redis.xack(stream, OLD, ...entries.map(([id]) => id));

  async function stopOrchestrator(lease: string): Promise<void> {
    process.kill(orchestrator!, 'SIGTERM');
    orchestrator = undefined;
    await until(async () => (await redis.keys(`${lease}*`)).length === 0, { what: 'the lease to end' });
  }

  it.each([
    ['a stream with the hash tag of everything', 'site-1', undefined],
    [
      "an older service's stream without one, whose name is the hash tag",
      'frames:metadata',
      'frames:metadata',
    ],
  ])(
    'takes over %s, and gives it back',
    async (_what, hashTag, input) => {
      const url = `${cluster.url}/${hashTag}`;
      const keys = keyNames({ hashTag, input });
      const stream = input === undefined ? [] : ['--stream', input];
      redis = connectRedis(url);
      await startOldService(keys.input);
      expect(await cutover(url, ...stream, '--old-group', OLD, '--execute')).toMatchObject({
        code: 0,
        output: expect.stringMatching(/5 frames taken over[^]*the books balance/),
      });
      const processor = createProcessor({
        id: 'p1',
        capabilities: ['detect'],
        orchestratorUrl: `http://127.0.0.1:${port}`,
        redisUrl: url,
        process: () => ({}),
      });
      void processor.run().catch(() => {});
      await until(async () => (await redis.xlen(keys.results)) === FRAMES - 10, { what: 'the results' });
      await processor.stop();
      await stopOrchestrator(keys.orchestrator(''));

      const last = await redis.xadd(
        keys.input,
        ...['*', 'frame_id', 'late', 'camera_id', 'c', 'detection_type', 'detect'],
      );
      const undone = await cutover(url, ...stream, '--undo');
      expect(undone).toMatchObject({ code: 0, output: expect.stringContaining('1 frame unread') });
      expect((await readByOld(keys.input, 100)).map(([id]) => id)).toEqual([last]);
      expect((await redis.xpending(keys.input, OLD))[0]).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'refuses a stream in another slot, and says what to do',
    async () => {
      const url = `${cluster.url}/site-2`;
      redis = connectRedis(url);
      const { code, output } = await cutover(url, '--stream', 'elsewhere', '--old-group', OLD, '--execute');
      expect(output).toContain('In a Redis Cluster the input must lie in the slot of all other keys');
      expect(output).toContain('redis-cluster://.../elsewhere');
      expect(code).toBe(1);
    },
    TIMEOUT_MS,
  );
});
