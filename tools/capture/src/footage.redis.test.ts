import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { keyNames } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { type Capture, startCapture } from './capture.ts';
import { environment } from './config.ts';

const FOOTAGE = fileURLToPath(new URL('../../../../shared/video/bottle-detection.mp4', import.meta.url));
/** The rate and the size of the footage. */
const FPS = 179 / 6;

describe('capturing real footage', () => {
  let server: RedisServer;
  let directory: string;
  let path = FOOTAGE;
  let capture: Capture | undefined;

  beforeAll(async () => {
    server = await startRedis();
    directory = await mkdtemp(join(tmpdir(), 'frame-buffer-footage-'));
    if (existsSync(FOOTAGE)) return;
    process.stderr.write('no footage beside the repository: using a generated test pattern instead\n');
    path = join(directory, 'generated.mp4');
    const input = 'testsrc2=size=640x360:rate=179/6:duration=6';
    await promisify(execFile)(environment().ffmpegPath, ['-v', 'error', '-f', 'lavfi', '-i', input, path]);
  });
  afterAll(async () => {
    await capture?.stop();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  it('publishes every picture at the speed of the video', async () => {
    capture = startCapture({
      redis: server.url,
      keys: keyNames(),
      cameras: [{ cameraId: 'shelf', source: { kind: 'file', path } }],
      storage: { backend: 'redis' },
    });
    const published = (): number => capture?.stats()[0]?.published ?? 0;
    await until(published, { what: 'the first picture' });
    const [startedAt, first] = [performance.now(), published()];
    await until(() => published() >= first + 90, { what: '90 more pictures' });
    const fps = 90_000 / (performance.now() - startedAt);
    expect(fps).toBeGreaterThan(FPS * 0.8);
    expect(fps).toBeLessThan(FPS * 1.2);
    expect(capture.stats()).toMatchObject([{ skipped: 0, failed: 0, restarts: 0 }]);
  });
});
