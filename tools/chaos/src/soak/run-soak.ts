import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Books, inFlight, keyNames } from '@frame-buffer/models';
import { connectRedis } from '@frame-buffer/stream-consumer';
import { createRng, seedOf } from '../rng.ts';
import { startStage, type Stage } from '../stage/stage.ts';
import { startBooksWatch } from '../traffic/books-watch.ts';
import { startPublisher } from '../traffic/publisher.ts';
import { within } from '../within.ts';
import { createFrameTally } from './frame-tally.ts';
import { memoryPlot } from './memory-plot.ts';
import { startMemoryWatch } from './memory-watch.ts';
import { startResultDrain } from './result-drain.ts';
import { type SoakReport, soakReportOf } from './soak-report.ts';

export interface SoakOptions {
  readonly forMs: number;
  readonly framesPerSecond: number;
  readonly killEveryMs: number;
  readonly seed: number;
  readonly logDirectory: string;
  /** Where the plot goes, an SVG file. */
  readonly plotFile: string;
  /** Ends the publishing early; the rest comes to its end. */
  readonly early: AbortSignal;
  /** Ends everything at once. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SoakProgress) => void;
}

export interface SoakProgress {
  readonly seconds: number;
  readonly published: number;
  readonly completed: number;
  readonly kills: number;
  readonly unaccounted: number;
  /** Of the processes that live now. */
  readonly memory: readonly { readonly name: string; readonly megabytes: number }[];
}

const ORCHESTRATORS = 2;
/** Half of them can do all frames. */
const PROCESSORS = 4;
const CONCURRENCY = 64;
const PROGRESS_EVERY_MS = 1_000;
const RESTS_WITHIN_MS = 60_000;
const POLL_MS = 100;

/**
 * Lets frames flow for a long time while orchestrators and processors are killed in turns, and judges the books and the memory. The
 * first of each role is spared, so that there are whole lives to judge.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { framesPerSecond, logDirectory, signal, early } = options;
  const stage = await startStage({
    orchestrators: ORCHESTRATORS,
    processors: PROCESSORS,
    redis: 'single',
    routingStrategy: 'least_loaded',
    concurrency: CONCURRENCY,
    logDirectory,
    signal,
  });
  const { url: redisUrl, server } = stage.store;
  const keys = keyNames();
  const [publishing, reading] = [connectRedis(redisUrl), connectRedis(redisUrl)] as const;
  // What waits for a Redis that was ended would wait for ever.
  const onAbort = (): void => [publishing, reading].forEach((client) => client.disconnect());
  signal.addEventListener('abort', onAbort, { once: true });
  const tally = createFrameTally();
  const drain = startResultDrain(redisUrl, keys.results, tally.result);
  const memory = startMemoryWatch(() => [
    { name: 'redis', pid: server.pid },
    ...[...stage.orchestrators(), ...stage.processors()].map(({ program }) => program),
  ]);
  const books = startBooksWatch(reading, keys);
  const publisher = startPublisher({
    client: publishing,
    keys,
    framesPerSecond,
    onAcknowledged: tally.published,
    forgets: true,
    signal,
  });
  const startMs = performance.now();
  const over = AbortSignal.any([signal, early, AbortSignal.timeout(options.forMs)]);
  let kills = 0;

  const progress = setInterval(() => {
    const { published, completed } = tally.figures;
    options.onProgress({
      seconds: (performance.now() - startMs) / 1000,
      ...{ published, completed, kills, unaccounted: books.worst()?.unaccounted ?? 0 },
      memory: memory
        .lives()
        .filter(({ pid }) => pid === server.pid || isLiving(stage, pid))
        .map(({ name, samples }) => ({ name, megabytes: samples.at(-1)?.megabytes ?? 0 })),
    });
  }, PROGRESS_EVERY_MS);

  try {
    await killInTurns(stage, options, over, () => kills++);
    signal.throwIfAborted();
    const published = await within(
      publisher.finish().then(() => true),
      RESTS_WITHIN_MS,
    );
    const seconds = (performance.now() - startMs) / 1000;
    const atRest = await comeToRest(
      books.read,
      () => tally.figures.completed >= tally.figures.published,
      signal,
    );
    const deadLettered = await reading.xlen(keys.deadLetter);
    await memory.stop();
    const title = `${Math.round(seconds)} s at ${framesPerSecond} frames/s, ${kills} kills: resident memory`;
    writeFileSync(options.plotFile, memoryPlot(memory.lives(), title));
    return soakReportOf({
      ...{ seconds, framesPerSecond, kills, deadLettered, plot: options.plotFile },
      inDoubt: published ? 0 : publisher.inDoubt(),
      tally,
      books: atRest,
      worstBooks: books.worst(),
      lives: memory.lives(),
      troubles: stage.troubles(),
    });
  } finally {
    clearInterval(progress);
    signal.removeEventListener('abort', onAbort);
    books.stop();
    await memory.stop();
    onAbort();
    await drain.stop();
    await stage.stop();
  }
}

const isLiving = (stage: Stage, pid: number): boolean =>
  [...stage.orchestrators(), ...stage.processors()].some(({ program }) => program.pid === pid);

async function killInTurns(
  stage: Stage,
  { killEveryMs, seed }: SoakOptions,
  over: AbortSignal,
  onKill: () => void,
): Promise<void> {
  const rng = createRng(seedOf(seed, 'soak'));
  for (let turn = 0; ; turn++) {
    await sleep(killEveryMs, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    const isOrchestrator = turn % 2 === 0;
    const [, ...others] = isOrchestrator ? stage.orchestrators() : stage.processors();
    await stage.kill(rng.pick(others));
    onKill();
    await (isOrchestrator ? stage.startOrchestrator() : stage.startProcessor());
  }
}

/** @returns the books when nothing is under way any more, or as they are when the time is up */
async function comeToRest(
  read: () => Promise<Books>,
  isDone: () => boolean,
  signal: AbortSignal,
): Promise<Books> {
  const deadlineMs = performance.now() + RESTS_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    const books = await read();
    if ((inFlight(books) === 0 && isDone()) || performance.now() > deadlineMs) return books;
    await sleep(POLL_MS);
  }
}
