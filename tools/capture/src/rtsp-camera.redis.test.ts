import { keyNames } from '@frame-buffer/models';
import { type RedisServer, type RtspServer, startRedis, startRtspServer, until } from '@frame-buffer/testing';
import { type Capture, startCapture } from './capture.ts';

describe('capturing an RTSP camera', () => {
  let server: RedisServer;
  let camera: RtspServer;
  let capture: Capture | undefined;
  const log: string[] = [];

  beforeAll(async () => {
    server = await startRedis();
  });
  beforeEach(async () => {
    log.length = 0;
    camera = await startRtspServer({ fps: 25 });
  });
  afterEach(async () => {
    await capture?.stop();
    await camera.stop();
  });
  afterAll(() => server.stop());

  const start = (stallTimeoutMs?: number): Capture =>
    (capture = startCapture({
      redis: server.url,
      keys: keyNames(),
      cameras: [
        { cameraId: 'door', source: { kind: 'rtsp', url: camera.url } },
        { cameraId: 'pattern', source: { kind: 'pattern' } },
      ],
      storage: { backend: 'redis', ttlMs: 5_000 },
      stallTimeoutMs,
      logger: { info: (message) => log.push(message), warn: (message) => log.push(message) },
    }));
  const published = (index: number): number => capture?.stats()[index]?.published ?? 0;
  const more = (index: number, count: number) => {
    const wanted = published(index) + count;
    return until(() => published(index) >= wanted, { what: `${count} more pictures`, deadlineMs: 15_000 });
  };
  const said = (words: string) => until(() => log.some((line) => line.includes(words)), { what: words });

  it('publishes its pictures', async () => {
    start();
    await more(0, 10);
    expect(capture?.stats()[0]).toMatchObject({ state: 'capturing', restarts: 0 });
  });

  it('comes back to a camera that was switched off and on again, while the others go on', async () => {
    start();
    await more(0, 5);
    await camera.stop();
    await said('door (');
    await said('gives no pictures');
    await more(1, 10);
    camera = await startRtspServer({ fps: 25, port: camera.port });
    await said('is back after');
    await more(0, 5);
    expect(capture?.stats()[0]?.restarts).toBeGreaterThan(0);
    expect(capture?.stats()[1]).toMatchObject({ state: 'capturing', restarts: 0 });
  });

  it('comes back to a camera that cut the connection', async () => {
    start();
    await more(0, 5);
    camera.dropClients();
    await said('is back after');
    await more(0, 5);
  });

  it('notices a camera that hangs', async () => {
    // Longer than a camera needs for its first picture, also on a busy machine.
    start(4_000);
    await more(0, 5);
    camera.hang(true);
    await said('gives no pictures: no picture for 4 s');
    camera.hang(false);
    await said('is back after');
  });
});
