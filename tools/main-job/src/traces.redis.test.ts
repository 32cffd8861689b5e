/** Every frame traced, at 200 frames/s, through the programs as they are run: no span is lost, also not at the end. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { startTracing } from '@frame-buffer/telemetry';
import {
  freePort,
  frameRecord,
  type ReceivedSpan,
  startOtlpReceiver,
  startRedis,
  until,
} from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Program, startProgram } from './program.ts';

const FPS = 200;
const SECONDS = 10;
const FRAMES = FPS * SECONDS;
/** From the last span to the first. */
const WAY = [
  'publish_result',
  'process_frame',
  'dispatch_to_processor',
  'route_frame',
  'frame_buffer_orchestrator_received',
  'publish_frame',
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
    const publisher = startTracing({ serviceName: 'publisher', otlpEndpoint: receiver.url, sampleRatio: 1 });
    const programs: Program[] = [];
    const start = (name: string, app: string, env: Record<string, string>): void => {
      const common = { REDIS_URL: server.url, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      programs.push(startProgram({ name, main: mainOf(app), env: { ...common, ...env }, logDirectory }));
    };
    const publish = async (number: number): Promise<void> => {
      const span = publisher.tracer.startSpan('publish_frame');
      const { traceId, spanId } = span.spanContext();
      const traceparent = `00-${traceId}-${spanId}-01`;
      const record = frameRecord({ frame_id: `f${number}`, metadata: '', traceparent });
      await redis.xadd(keys.input, '*', ...Object.entries(record).flat());
      span.end();
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

      const startMs = performance.now();
      const sent: Promise<void>[] = [];
      while (sent.length < FRAMES) {
        const due = Math.min(FRAMES, Math.floor(((performance.now() - startMs) / 1000) * FPS));
        while (sent.length < due) sent.push(publish(sent.length));
        await sleep(5);
      }
      await Promise.all(sent);
      await until(async () => (await redis.xlen(keys.results)) === FRAMES, {
        what: 'the results',
        deadlineMs: 30_000,
      });

      // The last spans are still on their way: they must come with the end of the programs.
      const [orchestrator, ...processors] = programs;
      await Promise.all(processors.map((program) => program.stop(GRACE_MS)));
      await orchestrator?.stop(GRACE_MS);
      await publisher.shutdown();
      expect(await Promise.all(programs.map(async ({ ended }) => (await ended).code))).toEqual([0, 0, 0]);

      const spans = receiver.spans();
      const counts = countsOf(spans);
      // An orchestrator that finds a frame pending which was just handed off looks at it once more: spans of its own, never fewer.
      expect(WAY.filter((name) => !((counts[name] ?? 0) >= FRAMES))).toEqual([]);
      expect(counts).toMatchObject({ publish_frame: FRAMES, process_frame: FRAMES, publish_result: FRAMES });
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      const ways = spans.filter(({ name }) => name === WAY[0]).map((span) => wayOf(span, byId));
      expect(ways.filter((way) => way !== WAY.join())).toEqual([]);
      expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(FRAMES);
    } finally {
      await Promise.all(programs.map((program) => program.stop(GRACE_MS)));
      redis.disconnect();
      await Promise.all([server.stop(), receiver.stop()]);
      rmSync(logDirectory, { recursive: true, force: true });
    }
  },
  TIMEOUT_MS,
);

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
