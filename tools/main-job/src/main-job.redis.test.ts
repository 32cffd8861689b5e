/** The whole system as processes: what `npm start` runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import { startRedis, startRtspServer, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ code: number | null; stdout: string }>;
}

function start(...argv: string[]): Run {
  // Without REDIS_URL it brings its own.
  const { REDIS_URL: _own, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=@frame-buffer/source', MAIN, ...argv], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) =>
    child.once('exit', (code) => resolve({ code, stdout })),
  );
  return { child, output: () => stdout + stderr, ended };
}

/** Waits for results, as its orchestrator counts them. */
async function completed(run: Run, count: number): Promise<void> {
  const url = await until(() => /http:\/\/\S+/.exec(run.output())?.[0], {
    what: 'the orchestrator',
    deadlineMs: 30_000,
  });
  const done = async () =>
    ((await (await fetch(`${url}/frames/ledger`)).json()) as { completed: number }).completed;
  await until(async () => (await done()) >= count, { what: `${count} results`, deadlineMs: 30_000 });
}

const reportOf = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
const BALANCED = { deadLettered: 0, shed: 0, lostUpstream: 0, inFlight: 0, unaccounted: 0, duplicates: 0 };

/** Runs one of the programs beside the main job to its end. */
function tool(name: string, ...argv: string[]): Promise<{ code: number | null; output: string }> {
  const program = MAIN.replace('main.ts', `${name}.ts`);
  const child = spawn(process.execPath, ['--conditions=@frame-buffer/source', program, ...argv]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, output })));
}
const books = (url: string) => tool('books', '--redis', url);

describe('the main job', () => {
  it('loses nothing when a processor is killed in the middle', async () => {
    const run = start('--cameras', '3', '--fps', '20', '--for', '4s', '--json');
    await completed(run, 30);
    const pid = Number(/processor-1 \(pid (\d+)\)/.exec(run.output())?.[1]);
    process.kill(pid, 'SIGKILL');
    const { code, stdout } = await run.ended;
    const report = reportOf(stdout);
    expect(report).toMatchObject(BALANCED);
    expect(report.captured).toBeGreaterThan(30);
    expect(report.completed).toBe(report.captured);
    expect(run.output()).toContain(`processor-1 (pid ${pid}) has ended`);
    expect(code).toBe(0);
  }, 60_000);

  it('drains at Ctrl-C and prints the books', async () => {
    const run = start('--fps', '20');
    await completed(run, 5);
    const meanwhile = await books(/redis:\/\/\S+/.exec(run.output())?.[0] ?? '');
    expect(meanwhile.output).toMatch(/captured\n[^]*\+ +0 {2}unaccounted/);
    expect(meanwhile.code).toBe(0);
    run.child.kill('SIGINT');
    const { code, stdout } = await run.ended;
    expect(stdout).toMatch(/(\d+) {2}captured\n= +\1 {2}completed\n/);
    expect(stdout).toContain('0  unaccounted');
    expect(code).toBe(0);
  }, 60_000);

  it('tells the story of a frame, and that it knows nothing of another', async () => {
    const run = start('--fps', '20');
    await completed(run, 5);
    const url = /http:\/\/\S+/.exec(run.output())?.[0] ?? '';
    const redis = new Redis(/redis:\/\/\S+/.exec(run.output())?.[0] ?? '');
    const [[, fields = []] = []] = (await redis.xrange(
      keyNames().results,
      '-',
      '+',
      'COUNT',
      1,
    )) as EntryReply[];
    redis.disconnect();
    const { code, output } = await tool('why', '--url', url, recordOf(fields ?? [])['frame_id'] ?? '');
    expect(output).toMatch(/now: result published by processor-\d/);
    expect(output).toMatch(
      /(published|captured) by camera camera-1[^]*handed to processor-\d[^]*: it serves this camera \(home\)/,
    );
    expect(code).toBe(0);
    expect(await tool('why', '--url', url, 'nobody')).toEqual({
      code: 1,
      output: expect.stringContaining('trace of a frame nobody'),
    });
    run.child.kill('SIGINT');
    expect((await run.ended).code).toBe(0);
  }, 60_000);

  it('takes a camera over rtsp', async () => {
    const camera = await startRtspServer({ source: 'pattern', fps: 20 });
    try {
      const { code, stdout } = await start('--source', camera.url, '--for', '4s', '--json').ended;
      const report = reportOf(stdout);
      expect(report).toMatchObject(BALANCED);
      expect(report.completed).toBe(report.captured);
      expect(report.captured).toBeGreaterThan(20);
      expect(code).toBe(0);
    } finally {
      await camera.stop();
    }
  }, 60_000);

  it('has books that say in a sentence when they can not be read', async () => {
    const server = await startRedis();
    expect(await books(server.url)).toEqual({
      code: 1,
      output: expect.stringContaining('No books have been opened there'),
    });
    await server.stop();
    expect(await books(server.url)).toEqual({
      code: 1,
      output: expect.stringMatching(/could not be read from Redis at .+ECONNREFUSED/),
    });
  }, 30_000);

  it('ends with 2 and the reason for a video that can not be read', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'frame-buffer-'));
    const file = join(directory, 'broken.mp4');
    writeFileSync(file, 'no video');
    const run = start('--source', file, '--for', '1s');
    expect((await run.ended).code).toBe(2);
    expect(run.output()).toMatch(/broken\.mp4 can't be read: .+/);
    rmSync(directory, { recursive: true });
  }, 30_000);
});
