import { setTimeout as sleep } from 'node:timers/promises';
import { startCapture, type Capture } from '@frame-buffer/capture';
import { type Books, INPUT_GROUP, inFlight } from '@frame-buffer/models';
import { connectRedis, readBooks } from '@frame-buffer/stream-consumer';
import type { MainJobOptions } from './options.ts';
import { type Report, reportOf, statusLine } from './report.ts';
import { watchResults } from './result-watch.ts';
import { since } from './run-books.ts';
import { startSystem, type System } from './system.ts';
import type { Terminal } from './terminal.ts';

export interface MainJobInput {
  readonly options: MainJobOptions;
  readonly redisUrl: string | undefined;
  readonly terminal: Terminal;
  /** First Ctrl-C: no more pictures, finish what is under way. */
  readonly drain: AbortSignal;
  /** Second Ctrl-C: end at once. */
  readonly giveUp: AbortSignal;
}

const STATUS_EVERY_MS = 500;
/** What is under way when the cameras end gets this long to become results. */
const DRAIN_MS = 20_000;
const POLL_MS = 50;

export interface MainJobOutcome {
  /** Of this run only. */
  readonly books: Books;
  readonly report: Report;
}

/** Runs the whole system until the cameras end, the time is up or Ctrl-C, drains it, and reads the books. */
export async function runMainJob({
  options,
  redisUrl,
  terminal,
  drain,
  giveUp,
}: MainJobInput): Promise<MainJobOutcome> {
  const system = await startSystem({
    processors: options.processors,
    redisUrl,
    say: terminal.say,
    signal: drain,
  });
  const commands = connectRedis(system.redisUrl, { name: 'main-job' });
  const results = connectRedis(system.redisUrl, { name: 'main-job-results' });
  const watch = watchResults(results, system.keys.results);
  const watching = new AbortController();
  const reading = watch.run(watching.signal);
  const books = async (): Promise<Books> => {
    const reading = await readBooks(commands, { keys: system.keys, group: INPUT_GROUP });
    if (!reading) throw new Error('the books are not open: the orchestrator has lost its streams');
    return reading.books;
  };
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  const before = await books();

  let capture: Capture | undefined;
  try {
    capture = startCapture({
      redis: system.redisUrl,
      keys: system.keys,
      cameras: options.cameras,
      storage: { backend: 'redis' },
      logger: { info: (message) => terminal.say(message), warn: (message) => terminal.say(message) },
    });
    terminal.say('');
    const over = new AbortController();
    const status = showStatus({ system, terminal, books, watch, seconds, before, signal: over.signal });
    await Promise.race([
      capture.done,
      aborted(drain),
      ...(options.forMs === undefined
        ? []
        : [sleep(options.forMs, undefined, { signal: drain }).catch(() => {})]),
    ]);
    await capture.stop();
    const capturingSeconds = seconds();
    const deadline = performance.now() + DRAIN_MS;
    while (inFlight(await books()) > 0 && performance.now() < deadline && !giveUp.aborted)
      await sleep(POLL_MS);
    over.abort();
    await status;
    watching.abort();
    await reading;
    const end = since(before, await books());
    const figures = { duplicates: watch.duplicates(), seconds: capturingSeconds, latency: watch.latency() };
    return { books: end, report: reportOf(end, figures) };
  } finally {
    await capture?.stop();
    watching.abort();
    await reading.catch(() => {});
    commands.disconnect();
    results.disconnect();
    await system.stop();
  }
}

interface StatusOptions {
  readonly system: System;
  readonly terminal: Terminal;
  readonly books: () => Promise<Books>;
  readonly watch: ReturnType<typeof watchResults>;
  readonly seconds: () => number;
  readonly before: Books;
  readonly signal: AbortSignal;
}

async function showStatus({
  system,
  terminal,
  books,
  watch,
  seconds,
  before,
  signal,
}: StatusOptions): Promise<void> {
  const reported = new Set<string>();
  let last = { at: seconds(), books: since(before, before) };
  while (!signal.aborted) {
    await sleep(STATUS_EVERY_MS, undefined, { signal }).catch(() => {});
    for (const program of [system.orchestrator, ...system.processors]) {
      if (program.running() || reported.has(program.name)) continue;
      reported.add(program.name);
      terminal.say(`${program.name} (pid ${program.pid}) has ended; its log is ${program.logFile}`);
    }
    const now = { at: seconds(), books: since(before, await books()) };
    const elapsed = Math.max(now.at - last.at, 0.001);
    terminal.status(
      statusLine(now.books, {
        seconds: now.at,
        inRate: (now.books.captured - last.books.captured) / elapsed,
        outRate: (now.books.completed - last.books.completed) / elapsed,
        latency: watch.recentLatency(),
      }),
    );
    last = now;
  }
  terminal.endStatus();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
