/** Twice what the processors can do, for a while, and then nothing: once with frames held back, once with frames given up. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from './report.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Their work is to wait for a timer, and so long that a busy machine's delays are little of it: what they can do is known. */
const [PROCESSORS, CONCURRENCY, SERVICE_MS] = [4, 8, 1000];
const CAN_DO = (PROCESSORS * CONCURRENCY * 1000) / SERVICE_MS;
const SECONDS = 12;
const FRAMES = 2 * CAN_DO * SECONDS;
const WARM_UP_SECONDS = 3;
/** Far below the backlog, so that it shows whether memory follows that. */
const MAX_WAITING_FRAMES = 64;
const CAMERAS = 8;
/** The frames of the steady state come to 17 MiB, a full room to 2. */
const [PADDING_BYTES, MAX_HEAP_GROWTH_MIB] = [32_000, 6];
/** Results of a second are a few more or less by chance. */
const LEAST_OF_A_SECOND = 0.75;

async function load(...more: readonly (string | number)[]): Promise<LoadReport> {
  const argv = ['--fps', 2 * CAN_DO, '--for', `${SECONDS}s`, '--warm-up', `${WARM_UP_SECONDS}s`, '--json'];
  const processors = ['--processors', PROCESSORS, '--concurrency', CONCURRENCY];
  const work = ['--service-ms', `${SERVICE_MS}:uniform`, '--cameras', CAMERAS, '--padding', PADDING_BYTES];
  const room = ['--setting', `MAX_WAITING_FRAMES=${MAX_WAITING_FRAMES}`];
  const child = spawn(
    process.execPath,
    [
      '--conditions=@frame-buffer/source',
      MAIN,
      ...[...argv, ...processors, ...work, ...room, ...more].map(String),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`the load tool ended with ${String(code)}:\n${said}\n${stdout}`);
  return JSON.parse(stdout) as LoadReport;
}

const POLICIES = {
  block: [],
  // No more credit than what is in process: in a work queue a frame would only grow old.
  latest_per_camera: ['--setting', 'SHEDDING_POLICY=latest_per_camera', '--capacity', CONCURRENCY],
} as const;
const reports = new Map<string, LoadReport>();

beforeAll(async () => {
  const runs = Object.entries(POLICIES).map(async ([policy, more]) =>
    reports.set(policy, await load(...more)),
  );
  await Promise.all(runs);
}, 150_000);

describe.each(Object.keys(POLICIES))('at twice what the processors can do, with %s', (policy) => {
  const reportOf = (): LoadReport => reports.get(policy) as LoadReport;

  it('they do 0.95 of it or more, in every second: no sawtooth', () => {
    const { ofCapacity, capacityPerSecond, untilSeconds, fromSeconds } = reportOf().steady;
    // The figure that the results are measured by is the one that was meant.
    expect(capacityPerSecond).toBeGreaterThan(0.9 * CAN_DO);
    expect(untilSeconds - fromSeconds).toBeGreaterThan(SECONDS - WARM_UP_SECONDS - 3);
    expect(ofCapacity?.mean).toBeGreaterThanOrEqual(0.95);
    expect(ofCapacity?.least).toBeGreaterThanOrEqual(LEAST_OF_A_SECOND);
  });

  it('the level reaches high within 5 s, and returns to normal after the load does', () => {
    const { highAfterSeconds, normalAfterSeconds } = reportOf().steady;
    expect(highAfterSeconds).toBeLessThan(5);
    expect(normalAfterSeconds).not.toBeNull();
    expect(reportOf().levels.at(-1)?.level).toBe('normal');
  });

  it('memory is flat', () => {
    const { warm, atEnd, afterwards } = reportOf().steady.heapMiB;
    expect(warm).toBeGreaterThan(5);
    expect((atEnd ?? Infinity) - (warm ?? 0)).toBeLessThan(MAX_HEAP_GROWTH_MIB);
    expect((afterwards ?? Infinity) - (warm ?? 0)).toBeLessThan(MAX_HEAP_GROWTH_MIB);
  });

  it('the books balance at every moment, and nothing is done twice', () => {
    const { books, results, timeline } = reportOf();
    for (const { unaccounted } of timeline) expect(unaccounted).toBe(0);
    expect(books).toMatchObject({ captured: FRAMES, completed: FRAMES - books.shed, unaccounted: 0 });
    expect(results.duplicates).toBe(0);
  });
});

it('With block no queue outgrows its credit, and every frame is processed in the end', () => {
  const report = reports.get('block') as LoadReport;
  expect(report.books).toMatchObject({ completed: FRAMES, shed: 0 });
  expect(Math.max(...report.timeline.map(({ waiting }) => waiting))).toBeGreaterThan(2 * MAX_WAITING_FRAMES);
  for (const { outstanding } of report.timeline)
    expect(outstanding).toBeLessThanOrEqual(PROCESSORS * CONCURRENCY * 2);
});

it('With latest_per_camera the p99 age of processed frames is below two service times', () => {
  const { steady, shed } = reports.get('latest_per_camera') as LoadReport;
  expect(steady.ageMs.p99).toBeLessThan(2 * SERVICE_MS);
  expect(steady.ageMs.count).toBeGreaterThan((CAN_DO * (SECONDS - WARM_UP_SECONDS)) / 2);
  expect(Object.keys(shed)).toEqual(['superseded']);
});
