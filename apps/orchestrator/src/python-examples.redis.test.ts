/** The programs of examples/python against a running orchestrator: what docs/protocol.md says is enough to write them from. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { INPUT_GROUP, keyNames, PROCESSOR_GROUP } from '@frame-buffer/models';
import { readBooks } from '@frame-buffer/stream-consumer';
import { silentLogger } from '@frame-buffer/telemetry';
import { type RedisServer, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from './compose.ts';
import { readConfig } from './config.ts';

const FOLDER = join(import.meta.dirname, '../../../examples/python');
const keys = keyNames();
const TIMEOUT_MS = 60_000;

const PYTHON = ['python3', '/usr/bin/python3', 'python'].find(
  (command) => spawnSync(command, ['-c', 'import redis'], { stdio: 'ignore' }).status === 0,
);

const FILES = ['frame_buffer.py', 'processor.py', 'publisher.py'];
const textOf = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');

describe('the Python examples', () => {
  it('use nothing but redis-py and the standard library', () => {
    const standard = 'argparse contextlib datetime json logging os signal time urllib.request uuid';
    for (const file of FILES) {
      const imported = [...textOf(file).matchAll(/^(?:import|from) (\S+)/gm)].map(([, name]) => name);
      expect([...standard.split(' '), 'redis', 'frame_buffer']).toEqual(expect.arrayContaining(imported));
    }
  });

  it('leave fifteen lines to who writes a processor, and none is longer than a hundred characters', () => {
    expect(textOf('processor.py').trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    for (const file of FILES) expect(textOf(file)).not.toMatch(/^.{101}/m);
  });

  if (PYTHON) whereTheyRun(PYTHON);
  else whereTheyAreOnlyRead();
});

function whereTheyAreOnlyRead(): void {
  it('go the way of the protocol (only read: no Python with redis-py here, in Debian python3-redis)', () => {
    const text = textOf('frame_buffer.py');
    const steps = ['"/register"', 'xreadgroup', '"/heartbeat"', '"scripts"', '"DELETE"'];
    expect(steps.filter((step) => !text.includes(step))).toEqual([]);
  });
}

function whereTheyRun(python: string): void {
  let server: RedisServer;
  let redis: Redis;
  let orchestrator: Orchestrator;
  /** What the programs have written about their troubles. */
  let said: string;
  const programs: ChildProcess[] = [];

  async function startOn(port: string): Promise<Orchestrator> {
    const outcome = readConfig({ REDIS_URL: server.url, PORT: port });
    if (!outcome.ok) throw new Error(outcome.faults.join());
    return startOrchestrator(outcome.config, silentLogger);
  }

  beforeEach(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    orchestrator = await startOn('0');
    said = '';
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) await kill(program);
    await orchestrator.stop();
    redis.disconnect();
    await server.stop();
  });

  function start(file: string, args: string[], env: Record<string, string> = {}): ChildProcess {
    const program = spawn(python, [join(FOLDER, file), ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, REDIS_URL: server.url, ORCHESTRATOR_URL: orchestrator.url, ...env },
    });
    program.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    programs.push(program);
    return program;
  }
  const processor = (id: string, leaseMs = 2_000): ChildProcess =>
    start('processor.py', [], { PROCESSOR_ID: id, LEASE_MS: String(leaseMs) });
  const publisher = (frames: number, ...more: string[]): ChildProcess =>
    start('publisher.py', ['--frames', String(frames), '--fps', '200', '--series', 's', ...more]);

  async function ended(program: ChildProcess): Promise<number | null> {
    if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
    return program.exitCode;
  }
  async function kill(program: ChildProcess): Promise<void> {
    program.kill('SIGKILL');
    await ended(program);
  }

  const isIn = (id: string) => async (): Promise<boolean> => (await redis.hexists(keys.registry, id)) === 1;
  const books = async () => (await readBooks(redis, { keys, group: INPUT_GROUP }))!.books;
  const results = async (): Promise<Record<string, string>[]> =>
    (await redis.xrange(keys.results, '-', '+')).map(([, flat]) =>
      Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!]] : []))),
    );
  const resultsReach = (count: number) =>
    until(async () => (await redis.xlen(keys.results)) >= count, {
      deadlineMs: 30_000,
      what: `${count} results`,
    });

  it(
    'lose no frame and do none twice, each killed and started again in the middle',
    async () => {
      processor('steady');
      let unlucky = processor('unlucky');
      const first = publisher(400);
      await resultsReach(60);
      await kill(unlucky);
      unlucky = processor('unlucky');
      await resultsReach(120);
      await kill(first);
      expect(await ended(publisher(400))).toBe(0);
      await resultsReach(400);
      await until(async () => (await books()).completed === 400, { what: 'the books to say so' });
      const ids = (await results()).map((result) => result['frame_id']);
      expect(ids).toHaveLength(400);
      expect(new Set(ids).size).toBe(400);
      expect(await books()).toMatchObject({ captured: 400, completed: 400, deadLettered: 0, unaccounted: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    'finish what they have and leave at SIGTERM',
    async () => {
      const leaving = processor('leaving');
      publisher(200);
      await resultsReach(50);
      leaving.kill('SIGTERM');
      expect(await ended(leaving)).toBe(0);
      expect(await redis.hexists(keys.registry, 'leaving')).toBe(0);
      processor('heir');
      await resultsReach(200);
      expect((await results()).filter(({ attempt }) => attempt !== '1')).toEqual([]);
      expect(await redis.xlen(keys.results)).toBe(200);
    },
    TIMEOUT_MS,
  );

  it(
    'go on when their connections to Redis break',
    async () => {
      processor('python-1');
      publisher(300);
      for (const count of [50, 100, 150, 200]) {
        await resultsReach(count);
        await redis.call('CLIENT', 'KILL', 'TYPE', 'normal');
      }
      await resultsReach(300);
      await until(async () => (await books()).completed === 300, { what: 'the books to say so' });
      expect(await redis.xlen(keys.results)).toBe(300);
      expect(await books()).toMatchObject({ captured: 300, completed: 300, unaccounted: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    'wait for the orchestrator, and for a former run that is still taken for alive',
    async () => {
      const { port } = new URL(orchestrator.url);
      await orchestrator.stop();
      const url = orchestrator.url;
      processor('python-1');
      await until(() => said.includes('Connection refused'), { what: 'it to try' });
      orchestrator = await startOn(port);
      expect(orchestrator.url).toBe(url);
      await until(isIn('python-1'), { what: 'it to be in' });
      await kill(programs[0]!);
      said = '';
      processor('python-1');
      await until(() => said.includes('already registered'), { what: 'it to be refused' });
      publisher(1);
      await resultsReach(1);
    },
    TIMEOUT_MS,
  );

  it(
    'end when another run takes over, and leave its registration alone',
    async () => {
      const former = processor('python-1');
      await until(isIn('python-1'), { what: 'it to be in' });
      const body = { id: 'python-1', instance_id: 'other', capabilities: ['brightness'], capacity: 1 };
      const taken = await fetch(`${orchestrator.url}/processors/register`, {
        method: 'POST',
        body: JSON.stringify({ ...body, takeover: true }),
      });
      expect(taken.status).toBe(201);
      expect(await ended(former)).toBe(0);
      expect(await redis.hget(keys.registry, 'python-1')).toContain('"other"');
    },
    TIMEOUT_MS,
  );

  it(
    'publish results as every processor does, in the trace of the frame',
    async () => {
      processor('python-1');
      await ended(publisher(1));
      await resultsReach(1);
      expect((await results())[0]).toMatchObject({
        frame_id: 'python-camera-s-000000',
        camera_id: 'python-camera',
        processor_id: 'python-1',
        capability: 'brightness',
        attempt: '1',
        mean_brightness: '0.0',
        processing_time: expect.stringMatching(/^\d\.\d+/),
        captured_at: expect.stringMatching(/^\d{4}-/),
        timestamp: expect.stringMatching(/^\d{4}-/),
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/),
      });
    },
    TIMEOUT_MS,
  );

  it(
    'have their late results refused, and come back after they were declared dead',
    async () => {
      const sleeper = processor('sleeper', 600);
      await until(isIn('sleeper'), { what: 'it to register' });
      publisher(200);
      await resultsReach(20);
      const stoppedAtWork = async (): Promise<boolean> => {
        sleeper.kill('SIGSTOP');
        const [pending] = (await redis.xpending(keys.ready('sleeper'), PROCESSOR_GROUP)) as [number];
        if (pending === 0) sleeper.kill('SIGCONT');
        return pending > 0;
      };
      await until(stoppedAtWork, { what: 'it to be stopped with a frame in its hands' });
      await until(async () => (await redis.hexists(keys.registry, 'sleeper')) === 0, {
        what: 'it to be declared dead',
        deadlineMs: 15_000,
      });
      processor('substitute');
      await resultsReach(200);
      sleeper.kill('SIGCONT');
      await until(isIn('sleeper'), { what: 'it to register again', deadlineMs: 15_000 });
      await until(async () => Number(await redis.hget(keys.ledger, 'fenced')) > 0, { what: 'a refusal' });
      await until(async () => (await books()).completed === 200, { what: 'the books to say so' });
      expect(new Set((await results()).map((result) => result['frame_id'])).size).toBe(200);
      expect(await redis.xlen(keys.results)).toBe(200);
      expect(await books()).toMatchObject({ captured: 200, completed: 200, unaccounted: 0 });
    },
    TIMEOUT_MS,
  );

  it(
    'give back what fails, and after three attempts it is a dead letter with the reason',
    async () => {
      processor('python-1');
      await redis.xadd(keys.input, '*', 'frame_id', 'f', 'camera_id', 'c', 'detection_type', 'brightness');
      await until(async () => (await redis.xlen(keys.deadLetter)) === 1, {
        what: 'the dead letter',
        deadlineMs: 15_000,
      });
      const [[, flat] = ['', []]] = await redis.xrange(keys.deadLetter, '-', '+');
      expect(flat.join(' ')).toContain("KeyError('storage_path')");
      expect(await books()).toMatchObject({ captured: 1, deadLettered: 1, unaccounted: 0 });
    },
    TIMEOUT_MS,
  );
}
