/** The level rises under overload, is announced, and falls when the load is over. */
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
