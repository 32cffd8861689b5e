import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { environment } from './config.ts';
import { startCapture } from './capture.ts';

describe('the ffmpeg processes of a capture', () => {
  let server: RedisServer;
  let redis: Redis;
  let directory: string;
  let ffmpegPath: string;

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
  });
  beforeEach(async () => {
    await redis.flushall();
    directory = await mkdtemp(join(tmpdir(), 'frame-buffer-orphans-'));
    // Becomes ffmpeg after it wrote down its process id.
    ffmpegPath = join(directory, 'ffmpeg');
    const script = `#!/bin/sh\necho $$ >> '${directory}/pids'\nexec '${environment().ffmpegPath}' "$@"\n`;
    await writeFile(ffmpegPath, script, { mode: 0o755 });
  });
  afterEach(() => rm(directory, { recursive: true }));
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const alive = (): number[] =>
    readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n').map(Number).filter(isAlive);
  const records = (count: number) =>
    until(async () => (await redis.xlen('frames:metadata')) >= count, { what: `${count} records` });

  it('have ended when it has stopped', async () => {
    const capture = startCapture({
      redis: server.url,
      keys: keyNames(),
      cameras: ['a', 'b', 'c'].map((cameraId) => ({ cameraId, source: { kind: 'pattern' } })),
      storage: { backend: 'redis' },
      ffmpegPath,
    });
    await records(9);
    expect(alive()).toHaveLength(3);
    await capture.stop();
    expect(alive()).toEqual([]);
  });

  it('end by themselves when the program is killed', async () => {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const args = ['--conditions=@frame-buffer/source', main, '--redis', server.url, '--cameras', '2'];
    const program = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'], FFMPEG_PATH: ffmpegPath },
      stdio: 'ignore',
    });
    await records(6);
    expect(alive()).toHaveLength(2);
    program.kill('SIGKILL');
    await once(program, 'close');
    await until(() => alive().length === 0, { what: 'ffmpeg to end' });
  });
});

/** A zombie, whose new parent hasn't noticed its end, is not alive. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // A system without /proc.
    return process.platform !== 'linux';
  }
}
