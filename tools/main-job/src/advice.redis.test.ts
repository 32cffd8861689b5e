/** Cameras, orchestrator and a processor that is too slow: the cameras come down to what it can do, and are free again with help. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCapture } from '@frame-buffer/capture';
import { PROCESSOR_GROUP } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { startSystem } from './system.ts';

const SERVICE_MS = 100;

it('Cameras keep to what the processors can do, and send everything again when there are enough', async () => {
  const aborted = new AbortController();
  const connections: Redis[] = [];
  const logDirectory = mkdtempSync(path.join(tmpdir(), 'frame-buffer-advice-'));
  const system = await startSystem({
    processors: 0,
    redisUrl: undefined,
    say: () => {},
    signal: aborted.signal,
    logDirectory,
  });
  const redis = new Redis(system.redisUrl);
  /** A plain client of the protocol, which takes its time for each frame. */
  async function join(id: string, capacity: number): Promise<void> {
    const registered = await fetch(`${system.orchestratorUrl}/processors/register`, {
      method: 'POST',
      body: JSON.stringify({ id, capabilities: ['slow'], capacity }),
    });
    expect(registered.status).toBe(201);
    const queue = system.keys.ready(id);
    for (let worker = 0; worker < capacity; worker++) {
      const connection = redis.duplicate();
      connections.push(connection);
      void (async () => {
        while (!aborted.signal.aborted) {
          const reply = (await connection.xreadgroup(
            ...([
              'GROUP',
              PROCESSOR_GROUP,
              `w${worker}`,
              'COUNT',
              1,
              'BLOCK',
              1000,
              'STREAMS',
              queue,
              '>',
            ] as const),
          )) as [string, [string, string[]][]][] | null;
          const [[entryId] = []] = reply?.[0]?.[1] ?? [];
          if (!entryId) continue;
          await sleep(SERVICE_MS);
          await redis.xack(queue, PROCESSOR_GROUP, entryId);
        }
      })().catch(() => {});
    }
  }
  const said: string[] = [];
  const log = (message: string): void => void said.push(message);
  // Ten frames a second, of forty.
  await join('p1', 1);
  const capture = startCapture({
    redis: system.redisUrl,
    keys: system.keys,
    cameras: ['c1', 'c2'].map((cameraId) => ({
      cameraId,
      source: { kind: 'pattern' },
      fps: 20,
      capabilities: ['slow'],
    })),
    storage: { backend: 'redis' },
    logger: { info: log, warn: log },
  });
  const published = () => capture.stats().reduce((sum, camera) => sum + camera.published, 0);
  const perSecond = async (): Promise<number> => {
    const [before, startMs] = [published(), performance.now()];
    await sleep(2_000);
    return ((published() - before) * 1000) / (performance.now() - startMs);
  };
  try {
    await until(async () => (await perSecond()) < 20, {
      what: 'the cameras to come down',
      deadlineMs: 30_000,
    });
    expect(said.filter((line) => line.includes('pictures a second by slow')).length).toBeGreaterThanOrEqual(
      2,
    );
    await join('p2', 16);
    await until(async () => (await perSecond()) > 35, {
      what: 'the cameras to come back',
      deadlineMs: 60_000,
    });
    expect(capture.stats().every(({ leftOut, skipped }) => leftOut > 0 && skipped === 0)).toBe(true);
  } finally {
    await capture.stop();
    aborted.abort();
    for (const connection of [redis, ...connections]) connection.disconnect();
    await system.stop();
    rmSync(logDirectory, { recursive: true });
  }
}, 120_000);
