import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { traceContextOf } from '@frame-buffer/models';
import { recordOf } from '@frame-buffer/stream-consumer';
import {
  type OtlpReceiver,
  type RedisServer,
  startOtlpReceiver,
  startRedis,
  until,
} from '@frame-buffer/testing';
import { Redis } from 'ioredis';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

describe('the capture program', () => {
  let server: RedisServer;
  let redis: Redis;
  let directory: string;
  const started: ChildProcess[] = [];

  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    directory = await mkdtemp(join(tmpdir(), 'frame-buffer-program-'));
    await writeFile(join(directory, 'notes.mp4'), 'this is no video');
  });
  beforeEach(() => redis.flushall());
  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    redis.disconnect();
    await server.stop();
    await rm(directory, { recursive: true });
  });

  /** Its words are collected from the beginning, and complete when it has ended. */
  function program(...args: string[]) {
    return programWith({}, ...args);
  }
  function programWith(env: Record<string, string>, ...args: string[]) {
    const child = spawn(process.execPath, ['--conditions=@frame-buffer/source', MAIN, ...args], {
      env: {
        PATH: process.env['PATH'],
        FFMPEG_PATH: process.env['FFMPEG_PATH'],
        REDIS_URL: server.url,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const ended = once(child, 'close').then(([code]) => ({ ...said, code: code as number | null }));
    return { child, ended };
  }
  const records = (): Promise<number> => redis.xlen('frames:metadata');

  it('captures for as long as it is told, and says what it did', async () => {
    const { code, out } = await program('--source', 'pattern', '--cameras', '2', '--for', '2s').ended;
    expect(code).toBe(0);
    const lines = out.trim().split('\n');
    expect(lines).toEqual([
      expect.stringMatching(/^camera-1: \d+ published, 0 left out, 0 skipped, 0 failed, 0 restarts$/),
      expect.stringMatching(/^camera-2: \d+ published, 0 left out, 0 skipped, 0 failed, 0 restarts$/),
    ]);
    const published = lines.reduce((sum, line) => sum + Number(/(\d+) published/.exec(line)?.[1]), 0);
    expect(await records()).toBe(published);
  });

  it('ends with SIGTERM', async () => {
    const { child, ended } = program();
    await until(records, { what: 'a record' });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, out: expect.stringContaining('camera-1: ') });
  });

  describe('with a receiver of traces', () => {
    let receiver: OtlpReceiver;
    beforeEach(async () => {
      receiver = await startOtlpReceiver();
    });
    afterEach(() => receiver.stop());
    const traced = (ratio: string, ...args: string[]) =>
      programWith({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACE_SAMPLE_RATIO: ratio }, ...args);
    const contexts = async () =>
      (await redis.xrange('frames:metadata', '-', '+')).map(([, fields]) => traceContextOf(recordOf(fields)));

    it('records a root for every frame, the last ones at SIGTERM', async () => {
      const { child, ended } = traced('1', '--cameras', '2', '--priority', '4');
      await until(async () => (await records()) >= 20, { what: 'records' });
      child.kill('SIGTERM');
      expect((await ended).code).toBe(0);
      const roots = receiver.spans();
      expect(new Set(roots.map(({ name, service, parentId }) => `${name} ${service} ${parentId}`))).toEqual(
        new Set(['capture_frame frame-buffer-capture undefined']),
      );
      expect(roots.every(({ attributes }) => attributes['frame.priority'] === 4)).toBe(true);
      const told = (await contexts()).map(
        (context) => `${context?.traceId} ${context?.spanId} ${context?.traceFlags}`,
      );
      expect(roots.map(({ traceId, spanId }) => `${traceId} ${spanId} 1`).toSorted()).toEqual(
        told.toSorted(),
      );
    });

    it('marks no frame as sampled that it doesn’t record', async () => {
      await traced('0', '--for', '1s').ended;
      await program('--for', '1s').ended;
      expect(new Set((await contexts()).map((context) => context?.traceFlags))).toEqual(new Set([0]));
      expect(receiver.spans()).toEqual([]);
    });

    it('that hangs captures as ever, and ends in time', async () => {
      receiver.hang();
      const { child, ended } = traced('1');
      await until(() => receiver.requests() > 0, { what: 'an export' });
      const before = await records();
      await until(async () => (await records()) >= before + 40, { what: 'frames', deadlineMs: 3_000 });
      child.kill('SIGTERM');
      const { code, out, err } = await ended;
      expect(code).toBe(0);
      expect(out).toMatch(/ 0 skipped, 0 failed/);
      expect(err).toMatch(/spans of traces are lost/);
    }, 30_000);
  });

  it('reports all faults at once, an unreadable video with ffmpeg’s reason, and exits with 2', async () => {
    const notes = join(directory, 'notes.mp4');
    const { code, err } = await program('--source', notes, '--fps', 'often', '--ttl', 'never').ended;
    expect(code).toBe(2);
    expect(err.trim().split('\n')).toEqual([
      '--ttl: expected a time such as 500ms, 20s, 5m or 1h, found "never"',
      '--fps: expected a number from 0.01 to 240, found "often"',
      expect.stringMatching(
        /^The video notes\.mp4 can't be read: .*Invalid data found when processing input$/,
      ),
    ]);
  });

  it('exits with 2 where the folder for the pictures can’t be made', async () => {
    const { code, err } = await program('--storage', join(directory, 'notes.mp4', 'pictures')).ended;
    expect(code).toBe(2);
    expect(err).toMatch(/^The capture can't start: ENOTDIR[^\n]*\n$/);
  });

  it('exits with 2 for an unknown option, and with 0 for its help', async () => {
    expect(await program('--colour').ended).toMatchObject({
      code: 2,
      err: expect.stringContaining('--colour'),
    });
    expect(await program('--help').ended).toMatchObject({
      code: 0,
      out: expect.stringContaining('Examples:'),
    });
  });
});
