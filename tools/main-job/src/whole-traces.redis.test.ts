/** Every frame traced, from capture to result, through the programs as they are run: no span is lost, also not at the end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { camerasOf, type Capture, startCapture } from '@frame-buffer/capture';
import { keyNames } from '@frame-buffer/models';
import { freePort, type ReceivedSpan, startOtlpReceiver, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Program, startProgram } from './program.ts';

const CAMERAS = 8;
/** 200 frames/s. */
const FPS = 25;
const FRAMES = 2_000;
/** From the last span to the first. */
const WAY = [
  'publish_result',
  'process_frame',
  'dispatch_to_processor',
  'route_frame',
  'frame_buffer_orchestrator_received',
  'capture_frame',
];
const GRACE_MS = 15_000;
const TIMEOUT_MS = 90_000;

const mainOf = (app: string): string =>
  fileURLToPath(new URL(`../../../apps/${app}/src/main.ts`, import.meta.url));

it(
  'brings every span of every frame to the receiver, in one trace for each frame',
  async () => {
    const keys = keyNames();
    const [server, receiver] = await Promise.all([startRedis(), startOtlpReceiver()]);
    const redis = new Redis(server.url);
    const logDirectory = mkdtempSync(join(tmpdir(), 'frame-buffer-traces-'));
    const url = `http://127.0.0.1:${await freePort()}`;
    const programs: Program[] = [];
    let capture: Capture | undefined;
    const start = (name: string, app: string, env: Record<string, string>): void => {
      const common = { REDIS_URL: server.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      programs.push(startProgram({ name, main: mainOf(app), env: { ...common, ...env }, logDirectory }));
    };
    try {
      start('orchestrator', 'orchestrator', { PORT: new URL(url).port });
      await until(async () => (await fetch(`${url}/health/ready`)).ok, {
        what: 'it to be ready',
        deadlineMs: 30_000,
      });
      for (const id of ['processor-1', 'processor-2'])
        start(id, 'sample-processor', { ORCHESTRATOR_URL: url, PROCESSOR_ID: id });
      await until(async () => ((await (await fetch(`${url}/processors`)).json()) as unknown[]).length === 2, {
        what: 'the processors to register',
        deadlineMs: 30_000,
      });

      const sources = [{ kind: 'pattern' }] as const;
      const scale = { width: 64, height: 36 };
      capture = startCapture({
        redis: server.url,
        keys,
        cameras: camerasOf({ sources, count: CAMERAS, fps: FPS, scale }),
        storage: { backend: 'redis' },
        otlpEndpoint: receiver.url,
        traceSampleRatio: 1,
      });
      await until(async () => (await redis.xlen(keys.results)) >= FRAMES, {
        what: 'the results',
        deadlineMs: 45_000,
      });
      await capture.stop();
      const published = capture.stats().reduce((sum, camera) => sum + camera.published, 0);
      await until(async () => (await redis.xlen(keys.results)) === published, { what: 'the last results' });

      // The last spans are still on their way: they must come with the end of the programs.
      const [orchestrator, ...processors] = programs;
      await Promise.all(processors.map((program) => program.stop(GRACE_MS)));
      await orchestrator?.stop(GRACE_MS);
      expect(await Promise.all(programs.map(async ({ ended }) => (await ended).code))).toEqual([0, 0, 0]);
      expectWholeTraces(receiver.spans(), published);
    } finally {
      await capture?.stop();
      await Promise.all(programs.map((program) => program.stop(GRACE_MS)));
      redis.disconnect();
      await Promise.all([server.stop(), receiver.stop()]);
      rmSync(logDirectory, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);

it(
  'is what npm start does where a receiver is named: from its cameras on',
  async () => {
    const receiver = await startOtlpReceiver();
    try {
      // Without REDIS_URL it brings its own.
      const { REDIS_URL: _own, ...env } = process.env;
      const main = fileURLToPath(new URL('./main.ts', import.meta.url));
      const argv = ['--conditions=@frame-buffer/source', main, '--cameras', '2', '--for', '3s', '--json'];
      const child = spawn(process.execPath, argv, {
        env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, TRACE_SAMPLE_RATIO: '1' },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      let stdout = '';
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(0);
      const { captured } = JSON.parse(stdout) as { captured: number };
      expect(captured).toBeGreaterThan(20);
      expectWholeTraces(receiver.spans(), captured);
    } finally {
      await receiver.stop();
    }
  },
  TIMEOUT_MS,
);

/** A root from the capture for each frame, every other span under one that came too, and the whole way to each result. */
function expectWholeTraces(spans: readonly ReceivedSpan[], frames: number): void {
  const counts = countsOf(spans);
  // An orchestrator that finds a frame pending which was just handed off looks at it once more: spans of its own, never fewer.
  expect(WAY.filter((name) => !((counts[name] ?? 0) >= frames))).toEqual([]);
  expect(counts).toMatchObject({ capture_frame: frames, process_frame: frames, publish_result: frames });
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const isWhole = ({ name, traceId, parentId = '' }: ReceivedSpan): boolean =>
    name === 'capture_frame' ? parentId === '' : byId.get(parentId)?.traceId === traceId;
  expect(spans.filter((span) => !isWhole(span))).toEqual([]);
  const ways = spans.filter(({ name }) => name === WAY[0]).map((span) => wayOf(span, byId));
  expect(ways.filter((way) => way !== WAY.join())).toEqual([]);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(frames);
}

function countsOf(spans: readonly ReceivedSpan[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of spans) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function wayOf(span: ReceivedSpan, byId: ReadonlyMap<string, ReceivedSpan>): string {
  const names: string[] = [];
  for (
    let at: ReceivedSpan | undefined = span;
    at?.traceId === span.traceId;
    at = byId.get(at.parentId ?? '')
  )
    names.push(at.name);
  return names.join();
}
