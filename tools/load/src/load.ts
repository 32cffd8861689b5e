import { setTimeout as sleep } from 'node:timers/promises';
import { fixedRate } from '@frame-buffer/bench';
import { since, type Terminal } from '@frame-buffer/main-job';
import { type Books, INPUT_GROUP, inFlight, keyNames } from '@frame-buffer/models';
import { connectRedis, readBooks } from '@frame-buffer/stream-consumer';
import { randomBytes } from 'node:crypto';
import { latencyHistogram } from './observation/latency-histogram.ts';
import { addLevel, type Level, type LevelSpan, readLevel } from './observation/levels.ts';
import { openOutcomeReader } from './observation/outcome-reader.ts';
import { createTally } from './observation/tally.ts';
import { rowOf, type Snapshot, type TimelineRow } from './observation/timeline.ts';
import type { LoadOptions } from './options.ts';
import { createFramePlan } from './plan/frame-plan.ts';
import { createPublisher } from './publisher.ts';
import { type LoadReport, reportOf } from './report.ts';
import { statusLine } from './status-line.ts';
import { startTarget } from './system/start-target.ts';

export interface LoadInput {
  readonly options: LoadOptions;
  readonly terminal: Terminal;
  /** First Ctrl-C: publish no more, wait for what is under way. */
  readonly drain: AbortSignal;
  /** Second Ctrl-C: end at once. */
  readonly giveUp: AbortSignal;
}

export interface LoadOutcome {
  readonly report: LoadReport;
  /** The latencies as HdrHistogram prints them. */
  readonly distribution: string;
}

/** Between the first frame's moment and now, so that the first one is not late. */
const LEAD_MS = 50;
const ROW_EVERY_MS = 1_000;
const LEVEL_EVERY_MS = 200;
const POLL_MS = 50;
const RUN_BYTES = 4;

/** Publishes for the time asked for, or until Ctrl-C, waits for what is under way, and says what became of it. */
export async function runLoad({ options, terminal, drain, giveUp }: LoadInput): Promise<LoadOutcome> {
  const { fps, forMs, drainMs } = options;
  const keys = keyNames();
  const target = await startTarget({ options, say: terminal.say, signal: drain });
  const connect = (purpose: string) => connectRedis(target.redisUrl, { name: `load-${purpose}` });
  const [publishing, reading, watching] = [connect('publish'), connect('outcomes'), connect('books')];
  const over = new AbortController();
  const pending: Promise<unknown>[] = [];
  try {
    const books = async (): Promise<Books> => {
      const found = await readBooks(watching, { keys, group: INPUT_GROUP });
      if (!found) throw new Error(`no orchestrator has opened its books on ${target.redisUrl}`);
      return found.books;
    };
    const before = await books();
    const run = randomBytes(RUN_BYTES).toString('hex');
    const plan = createFramePlan({
      cameras: options.cameras,
      mix: options.mix,
      priorities: options.priorities,
      paddingBytes: options.paddingBytes,
      run,
    });
    const schedule = fixedRate(fps, Math.max(1, Math.round((fps * forMs) / 1000)));
    const startMs = performance.now() + LEAD_MS;
    const seconds = (): number => Math.max(0, performance.now() - startMs) / 1000;
    const dueMs = (number: number): number => startMs + schedule.intendedMs(number);
    const tally = createTally({ plan, dueMs, steadyFromMs: startMs + options.warmUpMs });
    const delays = latencyHistogram();
    let refusal = '';
    const publisher = createPublisher({
      schedule,
      startMs,
      endMs: startMs + forMs,
      record: (number) => plan.record(number, performance.timeOrigin + dueMs(number)),
      send: (record) => publishing.xadd(keys.input, '*', ...Object.entries(record).flat()),
      delays,
      onRefusal({ message }) {
        if (refusal === '') terminal.say(`Redis refuses frames: ${message}`);
        refusal = message;
      },
    });
    pending.push((await openOutcomeReader(reading, keys, tally)).run(over.signal));

    const levels: LevelSpan[] = [];
    const timeline: TimelineRow[] = [];
    const shedInAll = (): number => Object.values(tally.counts.shed).reduce((sum, count) => sum + count, 0);
    const level = (): Level => levels.at(-1)?.level ?? 'unknown';
    async function watchLevel(): Promise<void> {
      while (!over.signal.aborted) {
        const now = await readLevel(target.orchestratorUrls);
        addLevel(levels, now, seconds());
        await pause(LEVEL_EVERY_MS);
      }
    }
    async function snapshot(): Promise<Snapshot> {
      const now = since(before, await books());
      return {
        atSeconds: seconds(),
        published: publisher.counts().published,
        results: tally.counts.results,
        shed: shedInAll(),
        waiting: now.unread + now.pendingInput + now.waitingRetry,
        outstanding: now.outstanding,
        unaccounted: now.unaccounted,
        level: level(),
        memoryMiB: target.memoryMiB(),
      };
    }
    async function show(): Promise<void> {
      let last = await snapshot();
      let reported = false;
      while (!over.signal.aborted) {
        await pause(ROW_EVERY_MS);
        const now = await snapshot();
        const row = rowOf(last, now);
        timeline.push(row);
        terminal.status(statusLine(row, tally.recent.summary(), publisher.counts().behindMs));
        tally.recent.reset();
        const ended = target.ended();
        if (ended && !reported) terminal.say(ended);
        reported = ended !== undefined;
        last = now;
      }
      terminal.endStatus();
    }
    const pause = (ms: number): Promise<void> =>
      sleep(ms, undefined, { signal: over.signal }).catch(() => {});

    terminal.say('');
    await sleep(Math.max(0, startMs - performance.now()));
    pending.push(watchLevel(), show());
    // It stops the orchestrator for a moment, which is not to be seen in the steady state.
    const warm = pause(options.warmUpMs / 2).then(target.collectedHeapMiB);
    pending.push(warm);
    await publisher.run(drain);
    const publishedSeconds = Math.min(seconds(), forMs / 1000);
    const resultsWhilePublishing = tally.counts.results;
    const atEnd = await target.collectedHeapMiB();
    const deadlineMs = performance.now() + drainMs;
    // With what is under way, the pressure goes too: its return to normal belongs to the picture.
    while (inFlight(await books()) > 0 || !['normal', 'unknown'].includes(level())) {
      if (performance.now() > deadlineMs || giveUp.aborted) break;
      await sleep(POLL_MS);
    }
    over.abort();
    await Promise.all(pending);
    const afterwards = await target.collectedHeapMiB();
    const report = reportOf({
      fps,
      seconds: publishedSeconds,
      warmUpSeconds: options.warmUpMs / 1000,
      slots: slotsOf(options),
      heapMiB: { warm: (await warm) ?? null, atEnd: atEnd ?? null, afterwards: afterwards ?? null },
      resultsWhilePublishing,
      publisher: publisher.counts(),
      delays: delays.summary(),
      tally,
      levels,
      timeline,
      books: since(before, await books()),
    });
    return { report, distribution: tally.latency.distribution() };
  } finally {
    over.abort();
    for (const connection of [publishing, reading, watching]) connection.disconnect();
    await target.stop();
  }
}

/** Where each pool has processors of its own, what they can do together depends on the mix. */
function slotsOf({ processors, concurrency }: LoadOptions): number {
  const kinds = new Set(processors.map(({ capabilities }) => capabilities.join()));
  return kinds.size === 1 ? processors.length * concurrency : 0;
}
