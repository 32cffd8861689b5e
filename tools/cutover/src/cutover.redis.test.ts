/** The command as people run it, against an old service with acknowledged, pending and unread frames, under load. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { createProcessor, type Processor } from '@frame-buffer/processor-client';
import { freePort, type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const LOG = fileURLToPath(new URL('../../../.frame-buffer/logs/cutover-orchestrator.log', import.meta.url));
const OLD = 'frame-buffer';
const keys = keyNames();
type Entries = [id: string, fields: string[]][];

let server: RedisServer;
let redis: Redis;
let port: number;
let processor: Processor | undefined;
let commands: ChildProcess[];
let orchestrators: number[];
let publishing: AbortController;
let published: string[];
/** Frames that the old service has finished. */
let doneByOld: string[];
/** Length of the log when the test began. */
let logged: number;

beforeEach(async () => {
  server = await startRedis({ appendOnly: true });
  redis = new Redis(server.url);
  port = await freePort();
  [commands, orchestrators, published, doneByOld] = [[], [], [], []];
  publishing = new AbortController();
  logged = existsSync(LOG) ? readFileSync(LOG, 'utf8').length : 0;
});
afterEach(async () => {
  publishing.abort();
  for (const command of commands) command.kill('SIGKILL');
  await processor?.stop();
  processor = undefined;
  for (const pid of orchestrators) end(pid, 'SIGKILL');
  redis.disconnect();
  await server.stop();
});

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

async function publish(): Promise<void> {
  const id = `f${published.length}`;
  published.push(id);
  await redis.xadd(keys.input, '*', 'frame_id', id, 'camera_id', 'c1', 'detection_type', 'detect');
}

/** Some hundred frames a second until the test ends. */
async function load(): Promise<void> {
  while (!publishing.signal.aborted) {
    await publish();
    await sleep(10);
  }
}

/** The old service reads `count` frames, and finishes all but the last `pending`. */
async function oldServiceReads(
  count: number,
  pending: number,
  consumer = 'old-1',
  from: '0' | '>' = '>',
): Promise<void> {
  const reply = (await redis.xreadgroup(
    'GROUP',
    OLD,
    consumer,
    'COUNT',
    count,
    'STREAMS',
    keys.input,
    from,
  )) as [string, Entries][] | null;
  const entries = reply?.[0]?.[1] ?? [];
  await finishByOld(entries.slice(0, entries.length - pending));
}

async function finishByOld(entries: Entries): Promise<void> {
  for (const [id, fields] of entries) {
    await redis.xack(keys.input, OLD, id);
    doneByOld.push(fields[1] ?? '');
  }
}

async function startOldService(): Promise<void> {
  await redis.xgroup('CREATE', keys.input, OLD, '0', 'MKSTREAM');
  for (let i = 0; i < 30; i++) await publish();
  await oldServiceReads(12, 4);
  await oldServiceReads(8, 3, 'old-2');
}

interface Run {
  readonly child: ChildProcess;
  output(): string;
  readonly ended: Promise<{ code: number | null; output: string }>;
}
function cutover(...args: string[]): Run {
  const child = spawn(
    process.execPath,
    ['--conditions=@frame-buffer/source', MAIN, '--redis', server.url, '--idle', '0s', ...args],
    { env: { ...process.env, PORT: String(port), LOG_LEVEL: 'warn' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  commands.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const pid = /started \(pid (\d+)/.exec(chunk.toString())?.[1];
      if (pid) orchestrators.push(Number(pid));
    });
  const ended = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, output })),
  );
  return { child, output: () => output, ended };
}
const execute = () => cutover('--old-group', OLD, '--execute');
const undo = () => cutover('--undo');

function startProcessor(): void {
  processor = createProcessor({
    id: 'p1',
    capabilities: ['detect'],
    concurrency: 8,
    orchestratorUrl: `http://127.0.0.1:${port}`,
    redisUrl: server.url,
    process: async () => ({}),
  });
  processor.run().catch(() => {});
}

async function results(): Promise<string[]> {
  const entries = (await redis.xrange(keys.results, '-', '+')) as Entries;
  return entries.map(([, fields]) => fields[fields.indexOf('frame_id') + 1] ?? '');
}

/** No frame lost, none twice: each was finished by exactly one of the two services. */
async function everyFrameOnce(): Promise<void> {
  publishing.abort();
  const finished = async () => [...doneByOld, ...(await results())];
  await until(async () => (await finished()).length >= published.length, {
    what: 'every frame to be finished',
    deadlineMs: 20_000,
  });
  expect((await finished()).toSorted()).toEqual(published.toSorted());
}

/** How often an orchestrator of this test was not allowed to make its group again. */
const refusedInLog = (): number =>
  readFileSync(LOG, 'utf8')
    .slice(logged)
    .match(/HANDEDBACK/g)?.length ?? 0;

async function stopOrchestrators(signal: NodeJS.Signals): Promise<void> {
  for (const pid of orchestrators) end(pid, signal);
  await until(async () => (await redis.keys('orchestrators:*')).length === 0, { what: 'the leases to end' });
}

describe('the cutover', () => {
  it('tells what it would do, and does nothing', async () => {
    await startOldService();
    const { code, output } = await cutover('--old-group', OLD, '--dry-run').ended;
    expect(output).toMatch(/frame-buffer: 2 consumers, position \S+, 10 frames unread/);
    expect(output).toContain('7 frames would be taken over');
    expect(code).toBe(0);
    expect(await redis.xinfo('GROUPS', keys.input)).toHaveLength(1);
  }, 30_000);

  it('takes everything over under load, and says where each pending frame went', async () => {
    await startOldService();
    void load();
    startProcessor();
    const { code, output } = await execute().ended;
    expect(output).toContain('7 frames taken over');
    expect(output.match(/f\d+ {2}\(was pending for old-[12]\) {2}(handed off|done|held)/g)).toHaveLength(7);
    expect(output).toContain('the books balance');
    expect(code).toBe(0);
    await everyFrameOnce();
  }, 60_000);

  it('refuses, with reasons, while the old service reads', async () => {
    await startOldService();
    const { code, output } = await cutover('--old-group', OLD, '--execute', '--idle', '60s').ended;
    expect(output).toMatch(
      /still reads: consumer old-1 was seen \d+ ms ago[^]*consumer old-2[^]*Nothing was changed/,
    );
    expect(code).toBe(1);
  }, 30_000);

  it.each(['taken over', 'started (pid', 'is ready', 'checked'])(
    'is finished by the next run where it was killed at "%s"',
    async (step) => {
      await startOldService();
      void load();
      startProcessor();
      const first = execute();
      await until(() => first.output().includes(step), { what: `the step "${step}"`, deadlineMs: 30_000 });
      first.child.kill('SIGKILL');
      await first.ended;
      const { code, output } = await execute().ended;
      expect(output).toContain('7 frames taken over');
      expect(code).toBe(0);
      await everyFrameOnce();
    },
    60_000,
  );

  it('can be undone: the old service goes on where the new one stood', async () => {
    await startOldService();
    void load();
    startProcessor();
    await execute().ended;
    await until(async () => (await results()).length > 20, { what: 'results of the new service' });
    const refusal = await undo().ended;
    expect(refusal.output).toMatch(/an orchestrator lives: .+\(pid \d+, since/);
    expect(refusal.code).toBe(1);
    await stopOrchestrators('SIGTERM');
    const first = undo();
    await until(() => first.output().includes('restored'), { what: 'the group to be restored' });
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await undo().ended).output).toContain('Start the old service again; its group is frame-buffer.');
    await oldServiceGoesOn();
    await everyFrameOnce();
  }, 60_000);

  it('keeps an orchestrator out that stood still while it was undone, until the next cutover', async () => {
    await startOldService();
    void load();
    startProcessor();
    await execute().ended;
    await until(async () => (await results()).length > 20, { what: 'results of the new service' });
    const paused = orchestrators[0]!;
    process.kill(paused, 'SIGSTOP');
    await until(async () => (await redis.keys('orchestrators:*')).length === 0, { what: 'its lease to end' });
    expect((await undo().ended).code).toBe(0);
    process.kill(paused, 'SIGCONT');
    await until(() => refusedInLog() > 2, {
      what: 'it to be refused, each time it tries',
      deadlineMs: 10_000,
    });
    const groups = (await redis.xinfo('GROUPS', keys.input)) as unknown[][];
    expect(groups.map(([, name]) => name)).toEqual([OLD]);
    expect((await fetch(`http://127.0.0.1:${port}/health/ready`)).status).toBe(503);

    await oldServiceReads(10, 0);
    const again = await execute().ended;
    expect(again.output).not.toContain('started (pid');
    expect(again.code).toBe(0);
    await everyFrameOnce();
  }, 60_000);

  it('gives back what the new service held and had not finished', async () => {
    await startOldService();
    await execute().ended;
    await stopOrchestrators('SIGKILL');
    const { code, output } = await undo().ended;
    expect(output).toContain('7 frames, each with the consumer and deliveries it had');
    expect(output).toContain('10 frames that the new service had read and not finished, into the input');
    expect(code).toBe(0);
    expect(await pendingOf('old-1')).toBe(4);
    await oldServiceGoesOn();
    await everyFrameOnce();
  }, 60_000);
});

const pendingOf = async (consumer: string): Promise<number> =>
  ((await redis.xpending(keys.input, OLD, '-', '+', 100, consumer)) as unknown[]).length;

/** Each of its consumers reads its own pending frames first, then what is new: that is all that it knows of. */
async function oldServiceGoesOn(): Promise<void> {
  publishing.abort();
  for (const consumer of ['old-1', 'old-2']) await oldServiceReads(100_000, 0, consumer, '0');
  await oldServiceReads(100_000, 0);
}
