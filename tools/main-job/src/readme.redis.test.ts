/** The processor of the README, run as it stands there. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCapture } from '@frame-buffer/capture';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import { until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { startSystem } from './system.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

it("the README's processor measures the brightness of real pictures", async () => {
  const example = /```ts\n([\s\S]+?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '';
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(16);
  // Within the repository, so that it finds the packages.
  const directory = join(ROOT, '.frame-buffer', `readme-${process.pid}`);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'processor.ts'), example);

  const aborted = new AbortController();
  const logDirectory = join(directory, 'logs');
  const system = await startSystem({
    processors: 0,
    redisUrl: undefined,
    say: () => {},
    signal: aborted.signal,
    logDirectory,
  });
  const redis = new Redis(system.redisUrl);
  const child = spawn(
    process.execPath,
    ['--conditions=@frame-buffer/source', join(directory, 'processor.ts')],
    {
      env: { ...process.env, ORCHESTRATOR_URL: system.orchestratorUrl, REDIS_URL: system.redisUrl },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const capture = startCapture({
    redis: system.redisUrl,
    keys: system.keys,
    cameras: [{ cameraId: 'camera-1', source: { kind: 'pattern' }, fps: 20, capabilities: ['brightness'] }],
    storage: { backend: 'redis' },
  });
  try {
    const results = await until(
      async () => {
        const entries = (await redis.xrange(system.keys.results, '-', '+')) as EntryReply[];
        return entries.length >= 10 ? entries.map(([, fields]) => recordOf(fields ?? [])) : undefined;
      },
      { what: 'ten results', deadlineMs: 20_000 },
    );
    for (const { processor_id, capability, mean } of results) {
      expect({ processor_id, capability }).toEqual({
        processor_id: 'brightness-1',
        capability: 'brightness',
      });
      expect(Number(mean)).toBeGreaterThan(1);
    }
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await capture.stop();
    redis.disconnect();
    await system.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);
