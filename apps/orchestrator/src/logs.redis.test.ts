/** What an operator reads: little, of the right things, with the ids to find more, and no secret. */
import { spawn } from 'node:child_process';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { TerminalError } from '@frame-buffer/processor-client';
import { createLogger, type LogLevel, type OwnedLogger } from '@frame-buffer/telemetry';
import { freePort, frameRecord, startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { startOrchestrator } from './compose.ts';
import { readConfig } from './config.ts';
import { openScene, type Scene } from './test-support/scene.ts';

type Line = Readonly<Record<string, unknown>>;

/** The programs' own logger, and the lines that it has written. */
function written(level: LogLevel = 'info'): { logger: OwnedLogger; lines: () => Line[] } {
  const stream = new PassThrough();
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const lines = (): Line[] =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  return { logger: createLogger({ service: 'test', level, stream }), lines };
}

describe('the log', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await openScene();
  });
  afterEach(() => scene.clear());
  afterAll(() => scene.end());

  it('at info has no line for a frame that goes well', async () => {
    const { logger, lines } = written();
    const orchestrator = await scene.orchestrate({}, logger);
    await scene.join(orchestrator, 'p1', () => ({}), { logger, capacity: 100, concurrency: 20 });
    const before = lines().length;
    await scene.publish(1_000);
    await scene.completed(1_000);
    // A burst may press for a moment.
    const messages = lines()
      .slice(before)
      .map(({ message }) => String(message));
    expect(messages.filter((message) => !message.startsWith('pressure is '))).toEqual([]);
  });

  it('at info has few lines for many frames that fail, with how many and the last one', async () => {
    const { logger, lines } = written();
    const orchestrator = await scene.orchestrate({}, logger);
    const fails = ({ frameId }: { frameId: string }) => {
      throw new TerminalError(`${frameId} is no picture`);
    };
    await scene.join(orchestrator, 'p1', fails, { logger, capacity: 100, concurrency: 20 });
    await scene.publish(500, (i) => ({
      camera_id: `camera-${i % 50}`,
      ...(i % 2 ? { width: `wide ${i}` } : {}),
    }));
    await until(async () => (await scene.books())?.deadLettered === 500, { what: 'all to be dead letters' });
    await scene.stop();
    await logger.close();
    const all = lines();
    const said = (message: string): number =>
      all
        .filter((line) => line['message'] === message)
        .reduce((sum, line) => sum + Number(line['repeated'] ?? 1), 0);
    expect(said('a frame failed')).toBe(250);
    expect(all.length).toBeLessThan(30);
    expect(all.findLast(({ message }) => message === 'frames became dead letters')).toMatchObject({
      level: 'warn',
      total: 500,
      last_frame: expect.stringMatching(/^f\d+$/),
      last_reason: expect.stringMatching(/^(bad_record|terminal_error): /),
    });
  });

  it('at info has few lines for many frames that are shed', async () => {
    const { logger, lines } = written();
    const room = { SHEDDING_POLICY: 'drop_oldest', MAX_WAITING_FRAMES: '20', WAITING_PER_CAPABILITY: '10' };
    await scene.orchestrate(room, logger);
    await scene.publish(500);
    await until(async () => (await scene.books())?.shed === 490, { what: 'most to be shed' });
    await scene.stop();
    await logger.close();
    const about = lines().filter(
      ({ message }) => message === 'frames are shed under the policy of their capability',
    );
    expect(about.length).toBeLessThanOrEqual(4);
    expect(about.at(-1)).toMatchObject({
      total: 490,
      last_reason: 'room_full: there was no place left to wait',
    });
  });

  it('bears the ids of frame and trace, at a level that is changed while it runs', async () => {
    const { logger, lines } = written();
    const { url } = await scene.orchestrate({}, logger);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
    const publishBad = () => scene.publish(1, () => ({ frame_id: 'bad', width: 'wide', traceparent }));
    await publishBad();
    await until(async () => (await scene.books())?.deadLettered === 1, { what: 'the first dead letter' });
    expect(lines().filter(({ level }) => level === 'debug')).toEqual([]);
    const answer = await fetch(`${url}/control/log-level`, {
      method: 'PUT',
      body: JSON.stringify({ level: 'debug' }),
    });
    expect(answer.status).toBe(200);
    await publishBad();
    await until(() => lines().some(({ message }) => message === 'dead letter'), { what: 'a line about it' });
    expect(lines().find(({ message }) => message === 'dead letter')).toMatchObject({
      level: 'debug',
      frame_id: 'bad',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      reason: 'bad_record',
    });
  });
});

it('An outage of Redis is told when it begins and when it is over', async () => {
  const server = await startRedis({ appendOnly: true });
  const redis = new Redis(server.url);
  redis.on('error', () => {});
  const { logger, lines } = written();
  const outcome = readConfig({ REDIS_URL: server.url, PORT: '0' });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  const orchestrator = await startOrchestrator(outcome.config, logger);
  try {
    await server.kill();
    await until(() => lines().some(({ message }) => String(message).includes('is out of reach')), {
      what: 'the outage to be told',
    });
    await server.restart();
    await until(() => lines().some(({ message }) => String(message).includes('is back after')), {
      what: 'its end to be told',
    });
    await redis.xadd('frames:metadata', '*', ...Object.entries(frameRecord()).flat());
    await until(
      async () =>
        ((await redis.call('XPENDING', 'frames:metadata', 'frame-buffer-group')) as number[])[0] === 1,
      {
        what: 'reading to go on',
      },
    );
    const about = lines().filter(({ message }) => /^Redis at [\d.:]+ is /.test(String(message)));
    expect(about.map(({ level }) => level)).toEqual(['warn', 'info']);
  } finally {
    await orchestrator.stop();
    redis.disconnect();
    await server.stop();
  }
});

it('No secret of its environment is in what a program writes, whatever goes wrong', async () => {
  const server = await startRedis();
  const admin = new Redis(server.url);
  await admin.config('SET', 'requirepass', 'right-password');
  const receiverPort = await freePort();
  const SECRETS = {
    password: 'wrong-p@ssword-1',
    token: 'api-token-4711',
    header: 'otlp-key-0815',
  };
  const child = spawn(
    process.execPath,
    ['--conditions=@frame-buffer/source', fileURLToPath(new URL('./main.ts', import.meta.url))],
    {
      env: {
        ...process.env,
        REDIS_URL: `redis://:${encodeURIComponent(SECRETS.password)}@127.0.0.1:${server.port}`,
        API_TOKEN: SECRETS.token,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${SECRETS.header}@127.0.0.1:${receiverPort}`,
        OTEL_EXPORTER_OTLP_HEADERS: `x-key=${SECRETS.header}`,
        LOG_LEVEL: 'debug',
        PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    await until(() => output.includes('\n'), { what: 'it to complain', deadlineMs: 20_000 });
  } finally {
    child.kill('SIGTERM');
    await ended;
    admin.disconnect();
    await server.stop();
  }
  expect(output).toContain(`127.0.0.1:${server.port}`);
  for (const secret of Object.values(SECRETS)) {
    expect(output).not.toContain(secret);
    expect(output).not.toContain(encodeURIComponent(secret));
  }
}, 40_000);
