import { execFile } from 'node:child_process';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Frame, decodeFrame, keyNames, traceContextOf } from '@frame-buffer/models';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import type { CameraRequest } from './camera-options.ts';
import { type Capture, type CaptureOptions, startCapture } from './capture.ts';
import { environment } from './config.ts';
import { jpegSize } from './jpeg-size.ts';

const execute = promisify(execFile);
const pattern = { kind: 'pattern' } as const;
const keys = keyNames();

describe('startCapture', () => {
  let server: RedisServer;
  let redis: Redis;
  let directory: string;
  let capture: Capture | undefined;
  const log: string[] = [];

  beforeAll(async () => {
    server = await startRedis({ appendOnly: true });
    redis = new Redis(server.url);
    // The tests below take the server down.
    redis.on('error', () => {});
    directory = await mkdtemp(join(tmpdir(), 'frame-buffer-capture-'));
  });
  beforeEach(async () => {
    log.length = 0;
    await redis.flushall();
  });
  afterEach(() => capture?.stop());
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  const start = (
    cameras: readonly Partial<CameraRequest>[],
    options: Partial<CaptureOptions> = {},
  ): Capture =>
    (capture = startCapture({
      redis: server.url,
      keys,
      cameras: cameras.map((camera, index) => ({
        cameraId: `camera-${index + 1}`,
        source: pattern,
        ...camera,
      })),
      storage: { backend: 'redis', ttlMs: 30_000 },
      logger: { info: (message) => log.push(message), warn: (message) => log.push(message) },
      ...options,
    }));
  const frames = async (): Promise<Frame[]> =>
    (await redis.xrange(keys.input, '-', '+')).map(([, fields]) => frameOf(fields));
  const atLeast = (count: number) =>
    until(async () => (await redis.xlen(keys.input)) >= count, { what: `${count} records` });

  it('publishes records that everyone can decode', async () => {
    const before = Date.now();
    start([{ priority: 7, capabilities: ['motion_detection'] }]);
    await atLeast(3);
    const [frame] = await frames();
    expect(frame).toMatchObject({
      cameraId: 'camera-1',
      width: 640,
      height: 360,
      format: 'jpeg',
      priority: 7,
      capabilities: ['motion_detection'],
      storage: { backend: 'redis', path: `frames:pixels:${frame?.frameId}` },
    });
    expect(frame?.capturedAtMs).toBeGreaterThanOrEqual(before);
    expect(frame?.capturedAtMs).toBeLessThanOrEqual(Date.now());
    expect(traceContextOf(frame?.fields ?? {})).toBeDefined();
  });

  it('stores each picture under the key of its record, until it expires', async () => {
    start([{ scale: { width: 320, height: 180 } }]);
    await atLeast(3);
    const [frame] = await frames();
    const key = frame?.storage?.path ?? '';
    const jpeg = await redis.getBuffer(key);
    expect(jpeg?.length).toBe(frame?.sizeBytes);
    expect(jpeg && jpegSize(jpeg)).toEqual({ width: 320, height: 180 });
    const ttl = await redis.pttl(key);
    expect(ttl).toBeGreaterThan(0);
    expect(ttl).toBeLessThanOrEqual(30_000);
  });

  it('numbers the pictures of each camera, in their order', async () => {
    start([{}, {}], { pixelsPrefix: 'elsewhere:' });
    await atLeast(20);
    const all = await frames();
    for (const id of ['camera-1', 'camera-2']) {
      const own = all.filter(({ cameraId }) => cameraId === id);
      expect(own.length).toBeGreaterThan(2);
      expect(own.map(({ frameId }) => Number(frameId.split('-').at(-1)))).toEqual(
        own.map((_, index) => index + 1),
      );
    }
    expect(all[0]?.storage?.path).toMatch(/^elsewhere:/);
  });

  it('keeps to the frame rate asked for', async () => {
    start([{ fps: 5 }]);
    await atLeast(6);
    const [first, , , , , sixth] = await frames();
    const tookMs = (sixth?.capturedAtMs ?? 0) - (first?.capturedAtMs ?? 0);
    expect(tookMs).toBeGreaterThan(700);
  });

  it('writes whole files into a folder, with their paths in the records, and deletes them when they expire', async () => {
    start([{ cameraId: 'front door' }], { storage: { backend: 'file', directory, ttlMs: 1_500 } });
    const [path, sizeBytes] = (await until(
      async () => {
        const [frame] = await frames();
        return frame?.storage?.backend === 'file' && [frame.storage.path, frame.sizeBytes];
      },
      { what: 'a record', everyMs: 5 },
    )) as [string, number];
    expect(path.startsWith(directory)).toBe(true);
    const jpeg = await readFile(path);
    expect(jpeg.length).toBe(sizeBytes);
    expect(jpegSize(jpeg)).toEqual({ width: 640, height: 360 });
    await until(
      () =>
        access(path).then(
          () => false,
          () => true,
        ),
      { what: 'the file to go' },
    );
  });

  it('ends by itself with a file', async () => {
    const path = join(directory, 'short.mp4');
    await execute(environment().ffmpegPath, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=64x64:rate=20:duration=1',
      path,
    ]);
    const stats = await start([{ source: { kind: 'file', path } }]).done;
    expect(stats).toMatchObject([
      { cameraId: 'camera-1', state: 'ended', published: 20, skipped: 0, failed: 0 },
    ]);
    expect(await redis.xlen(keys.input)).toBe(20);
  });

  it('shows a looped file again', async () => {
    const path = join(directory, 'looped.mp4');
    await execute(environment().ffmpegPath, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=size=64x64:rate=20:duration=0.5',
      path,
    ]);
    start([{ source: { kind: 'file', path }, loop: true }]);
    await atLeast(25);
    expect(capture?.stats()).toMatchObject([{ state: 'capturing', restarts: 0 }]);
  });

  it('stops with the signal, and publishes what was in flight', async () => {
    const stopping = new AbortController();
    start([{}, {}], { signal: stopping.signal });
    await atLeast(4);
    stopping.abort();
    const stats = await capture?.done;
    expect(stats?.map(({ state, failed }) => [state, failed])).toEqual([
      ['ended', 0],
      ['ended', 0],
    ]);
    const published = stats?.reduce((sum, camera) => sum + camera.published, 0);
    expect(await redis.xlen(keys.input)).toBe(published);
  });

  it('skips pictures while Redis is stuck, says how many, and goes on when it answers', async () => {
    start([{}], { maxInFlight: 3 });
    await atLeast(2);
    await server.pause();
    await until(() => (capture?.stats()[0]?.skipped ?? 0) >= 3, { what: 'pictures to be skipped' });
    await server.resume();
    const { published } = capture?.stats()[0] ?? { published: 0 };
    await until(() => (capture?.stats()[0]?.published ?? 0) > published + 5, { what: 'pictures again' });
    await capture?.stop();
    const [stats] = capture?.stats() ?? [];
    expect(log.some((line) => line.includes('of camera-1 not captured: 3 are waiting'))).toBe(true);
    expect(stats?.failed).toBe(0);
    expect(await redis.xlen(keys.input)).toBe(stats?.published);
  });

  it('comes down to the advised frame rate, back up without advice, and down again', async () => {
    start([{}, {}]);
    const stats = () => capture?.stats() ?? [];
    const advise = (framesPerSecond: number) =>
      redis.hset(
        keys.advisedRates,
        'camera-1',
        JSON.stringify({ frames_per_second: framesPerSecond, level: 3, limited_by: 'detect', at: '' }),
      );
    const rate = async (): Promise<number> => {
      const [before, startMs] = [stats()[0]?.published ?? 0, performance.now()];
      await until(() => performance.now() - startMs > 2_000, { what: 'two seconds' });
      return ((stats()[0]?.published ?? 0) - before) / ((performance.now() - startMs) / 1000);
    };
    await atLeast(10);
    expect(await rate()).toBeGreaterThan(15);
    for (const _time of ['once', 'again']) {
      await advise(5);
      const said = log.length;
      await until(() => log.slice(said).some((line) => line.startsWith('camera-1 is advised 5')), {
        what: 'it to be heard',
      });
      expect(await rate()).toBeLessThan(7);
      expect(stats()[0]?.leftOut).toBeGreaterThan(10);
      await redis.del(keys.advisedRates);
      await until(() => log.at(-1) === 'camera-1 may send all of its pictures again', {
        what: 'the end of it',
      });
      expect(await rate()).toBeGreaterThan(15);
    }
    expect(stats()[1]).toMatchObject({ leftOut: 0, skipped: 0 });
  });

  it('ignores advice where it is told to', async () => {
    await redis.hset(
      keys.advisedRates,
      'camera-1',
      JSON.stringify({ frames_per_second: 0, level: 3, limited_by: null, at: '' }),
    );
    start([{}], { obeyAdvice: false });
    await atLeast(50);
    expect(capture?.stats()[0]).toMatchObject({ leftOut: 0 });
  });

  it('publishes no frame twice and none without its record when Redis dies and comes back', async () => {
    start([{}, {}]);
    await atLeast(10);
    await server.kill();
    await until(() => log.some((line) => line.includes("can't be reached")), { what: 'it to be said' });
    await server.restart();
    const before = await until(() => redis.xlen(keys.input), { what: 'Redis' });
    await atLeast(before + 20);
    await capture?.stop();
    const ids = (await frames()).map(({ frameId }) => frameId);
    const published = capture?.stats().reduce((sum, camera) => sum + camera.published, 0);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBe(published);
    expect(log.some((line) => line.endsWith('is back'))).toBe(true);
  });

  it('says what Redis refuses', async () => {
    await redis.set(keys.input, 'not a stream');
    start([{}]);
    await until(() => log.some((line) => line.includes('could not be stored: WRONGTYPE')), {
      what: 'it to be said',
    });
    expect(capture?.stats()[0]).toMatchObject({ published: 0 });
  });

  it('retries a camera that refuses, while the others go on', async () => {
    start([{ source: { kind: 'rtsp', url: 'rtsp://127.0.0.1:1/live' } }, {}]);
    await until(() => (capture?.stats()[0]?.restarts ?? 0) >= 2, { what: 'two attempts' });
    expect(capture?.stats()[0]?.reason).toContain('Connection refused');
    expect(log.filter((line) => line.includes('gives no pictures'))).toHaveLength(1);
    expect(capture?.stats()[1]?.published).toBeGreaterThan(0);
  });

  it('refuses options out of their range', () => {
    const refused = (options: Partial<CaptureOptions>) => () => start([{}], options);
    expect(refused({ maxInFlight: 0 })).toThrow('maxInFlight must be a whole number from 1 to 100000, not 0');
    expect(refused({ traceSampleRatio: 2 })).toThrow('traceSampleRatio must be a number from 0 to 1, not 2');
    expect(() => start([{ cameraId: 'a' }, { cameraId: 'a' }])).toThrow('different values of cameraId');
  });
});

function frameOf(fields: readonly string[]): Frame {
  const record: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) record[fields[i] ?? ''] = fields[i + 1] ?? '';
  const decoded = decodeFrame(record);
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.faults));
  return decoded.value;
}
