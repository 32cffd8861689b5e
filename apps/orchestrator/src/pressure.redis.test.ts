/** The level rises under overload, is announced, and falls when the load is over; what pauses because of it. */
import { decodeNotice, keyNames } from '@frame-buffer/models';
import { silentLogger } from '@frame-buffer/telemetry';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

it('Frames that wait for a second are critical: said once, announced, and over when they are done', async () => {
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (text: string) => void errors.push(text) };
  const orchestrator = await scene.orchestrate({}, logger);
  const levels: number[] = [];
  const hints = scene.redis.duplicate();
  hints.on('message', (_channel: string, message: string) => {
    const notice = decodeNotice(message);
    if (notice?.type === 'level') levels.push(notice.level);
  });
  await hints.subscribe(keyNames().events);
  const status = async () =>
    (await (await fetch(`${orchestrator.url}/control/status`)).json()) as { level: string };
  try {
    expect(await status()).toMatchObject({ level: 'normal' });
    await scene.publish(10);
    await until(async () => (await status()).level === 'critical', {
      what: 'the level to rise',
      deadlineMs: 5_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(errors.filter((text) => text.startsWith('pressure is critical'))).toEqual([
      'pressure is critical: wait of detect',
    ]);
    expect(await (await fetch(`${orchestrator.url}/metrics`)).text()).toContain(
      'frame_buffer_backpressure_level 3',
    );
    await scene.join(orchestrator, 'p1', () => ({}));
    await scene.completed(10);
    await until(async () => (await status()).level === 'normal', { what: 'the level to fall' });
    expect(levels.at(0)).toBeGreaterThan(0);
    expect(levels).toContain(3);
    await until(() => levels.at(-1) === 0, { what: 'its announcement' });
  } finally {
    hints.disconnect();
  }
});

interface Status {
  readonly level: string;
  readonly paused: boolean;
  readonly consumption_rate: number | null;
  readonly pauses: { readonly source: string; readonly reason: string; readonly since: string }[];
}

it('Critical pressure is an alert to all who listen, and a pause of its own beside one by hand', async () => {
  const orchestrator = await scene.orchestrate();
  const ask = async (path: string, method = 'GET') =>
    (await (await fetch(`${orchestrator.url}${path}`, { method })).json()) as Status;
  const sources = ({ pauses }: Status) => pauses.map(({ source, reason }) => [source, reason]);
  const critical = ['automatic', 'critical pressure on detect'];
  const metric = async () =>
    /^frame_buffer_consumption_rate (.*)$/m.exec(
      await (await fetch(`${orchestrator.url}/metrics`)).text(),
    )?.[1];
  const listening = new AbortController();
  const events = await fetch(`${orchestrator.url}/events`, { signal: listening.signal });
  let heard = '';
  const hearing = (async () => {
    for await (const chunk of events.body ?? []) heard += new TextDecoder().decode(chunk as Uint8Array);
  })().catch(() => {});
  try {
    await until(async () => (await ask('/control/status')).consumption_rate === 1, { what: 'a judgement' });
    expect(await metric()).toBe('1');
    expect(await ask('/control/status')).toMatchObject({ paused: false, pauses: [] });
    const beforeMs = Date.now();
    await scene.publish(10);
    await until(async () => (await ask('/control/status')).level === 'critical', {
      what: 'the level to rise',
      deadlineMs: 5_000,
    });
    const status = await ask('/control/status');
    expect(status).toMatchObject({ paused: false, consumption_rate: 0 });
    expect(sources(status)).toEqual([critical]);
    expect(Date.parse(status.pauses[0]?.since ?? '')).toBeGreaterThanOrEqual(beforeMs);
    expect(await metric()).toBe('0');
    await until(() => heard.includes('event: alert\n'), { what: 'the alert' });
    const [, alert = ''] = /event: alert\ndata: (.*)\n/.exec(heard) ?? [];
    expect(JSON.parse(alert)).toMatchObject({
      kind: 'pressure',
      level: 'critical',
      capability: 'detect',
      cause: 'wait',
    });

    expect(sources(await ask('/control/pause', 'POST'))).toEqual([['manual', 'paused by hand'], critical]);
    expect(sources(await ask('/control/pause', 'POST'))).toHaveLength(2);
    const resumed = await ask('/control/resume', 'POST');
    expect(resumed.paused).toBe(false);
    expect(sources(resumed)).toEqual([critical]);

    await ask('/control/pause', 'POST');
    await scene.join(orchestrator, 'p1', () => ({}));
    await until(async () => (await ask('/control/status')).level === 'normal', { what: 'the level to fall' });
    const byHand = await ask('/control/status');
    expect(byHand).toMatchObject({ paused: true, consumption_rate: 0 });
    expect(sources(byHand)).toEqual([['manual', 'paused by hand']]);
    expect(await ask('/control/resume', 'POST')).toMatchObject({
      paused: false,
      pauses: [],
      consumption_rate: 1,
    });
  } finally {
    listening.abort();
    await hearing;
  }
});

it('Nothing is paused by critical pressure: what the processors take is read', async () => {
  const orchestrator = await scene.orchestrate({ MAX_WAITING_FRAMES: '64', WAITING_PER_CAPABILITY: '64' });
  await scene.publish(400);
  const level = async () =>
    ((await (await fetch(`${orchestrator.url}/control/status`)).json()) as Status).level;
  await until(async () => (await level()) === 'critical', { what: 'the level to rise' });
  await scene.join(orchestrator, 'p1', () => ({}));
  await scene.completed(400);
});
