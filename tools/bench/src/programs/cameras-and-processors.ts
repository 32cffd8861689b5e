/**
 * Both ends of the way of a frame: cameras that publish at a fixed rate, and processors that read their queues, each on its own
 * connection, and complete what they read at once. One process, so that both ends have one clock.
 *
 * The latency of a frame runs from the moment at which it should have been published (a publisher that is held up must not hide the
 * delay) to the moment at which its processor has it. The first `warmUp` frames are published and not measured.
 *
 * Argument, JSON: { redisUrl, input, queues, group, capacity, fps, frames, warmUp }
 * Output, JSON: { fps, p50Ms, p99Ms, maxMs, frames }
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyNames } from '@frame-buffer/models';
import { completeFrames, connectRedis, createGroupReader } from '@frame-buffer/stream-consumer';
import { frameRecord } from '../frame-records.ts';
import { fixedRate } from '../latency/schedule.ts';

interface Settings {
  readonly redisUrl: string;
  readonly queues: readonly string[];
  readonly group: string;
  readonly capacity: number;
  readonly fps: number;
  readonly frames: number;
  readonly warmUp: number;
}

const BLOCK_MS = 1_000;
const READ_COUNT = 64;
const TICK_MS = 1;
/** What has not arrived so long after the last was sent never will. */
const PATIENCE_MS = 10_000;
const MICROSECONDS = 1000;

const settings = JSON.parse(process.argv[2] ?? '') as Settings;
const { redisUrl, queues, group, capacity, fps, warmUp } = settings;
const count = settings.frames + warmUp;
const keys = keyNames();
const latency = createHistogram();
const seen = new Set<number>();
const arrivedAll = Promise.withResolvers<void>();
let startMs = Number.POSITIVE_INFINITY;

const schedule = fixedRate(fps, count);
const publisher = connectRedis(redisUrl);
const completions = connectRedis(redisUrl);

function arrived(number: number, atMs: number): void {
  if (seen.has(number)) throw new Error(`frame ${number} arrived twice`);
  seen.add(number);
  const us = Math.round((atMs - startMs - schedule.intendedMs(number)) * MICROSECONDS);
  if (number >= warmUp) latency.record(Math.max(1, us));
  if (seen.size === count) arrivedAll.resolve();
}

async function work(queue: string, processorId: string): Promise<void> {
  const reader = createGroupReader({
    connect: () => connectRedis(redisUrl),
    group,
    consumer: processorId,
    streams: [queue],
    blockMs: BLOCK_MS,
  });
  for (;;) {
    const outcome = await reader.read(READ_COUNT);
    const nowMs = performance.now();
    if (outcome.kind === 'nothing') continue;
    if (outcome.kind !== 'entries') throw new Error(`${queue}: ${outcome.kind}`);
    const entries = outcome.batches.flatMap(({ entries }) => entries);
    for (const [, fields] of entries) arrived(Number(fields?.[fields.indexOf('number') + 1]), nowMs);
    await completeFrames(
      completions,
      entries.map(([entryId]) => ({ entryId, result: { processor_id: processorId, processed: 'true' } })),
      { keys, queue: { queue, group }, processorId, results: keys.results, capacity },
    );
  }
}

async function publish(): Promise<void> {
  startMs = performance.now();
  for (let sent = 0; sent < count;) {
    const due = schedule.dueAt(performance.now() - startMs);
    const capturedAtMs = Date.now();
    const adds: Promise<unknown>[] = [];
    for (; sent < due; sent++) {
      const fields = { ...frameRecord(sent, capturedAtMs), number: String(sent) };
      adds.push(publisher.xadd(keys.input, '*', ...Object.entries(fields).flat()));
    }
    for (const add of adds) add.catch(fail);
    await sleep(TICK_MS);
  }
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

queues.forEach((queue, i) => void work(queue, `processor-${i + 1}`).catch(fail));
await Promise.all([publisher.ping(), completions.ping()]);
await publish();
await Promise.race([arrivedAll.promise, sleep(PATIENCE_MS)]);
if (seen.size < count) fail(`${count - seen.size} of ${count} frames did not arrive`);
const ms = (us: number): number => us / MICROSECONDS;
console.log(
  JSON.stringify({
    fps,
    p50Ms: ms(latency.percentile(50)),
    p99Ms: ms(latency.percentile(99)),
    maxMs: ms(latency.max),
    frames: latency.count,
  }),
);
process.exit(0);
