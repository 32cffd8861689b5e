/** What cameras are advised under load: by one of several orchestrators, down, and up again when there is help. */
import { type CameraAdvice, decodeCameraAdvice, decodeNotice, keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const CAMERAS = ['c0', 'c1', 'c2'] as const;
const NATIVE_PER_SECOND = 20;
const SERVICE_MS = 100;

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const slow = async () => {
  await sleep(SERVICE_MS);
  return {};
};

/** Publishes as cameras that obey would. */
function cameras(): { stop(): Promise<void> } {
  const ending = new AbortController();
  let frames = 0;
  const credit = new Map<string, number>();
  const running = (async () => {
    while (!ending.signal.aborted) {
      const advice = await advised();
      for (const camera of CAMERAS) {
        const allowed = Math.min(1, (advice.get(camera)?.frames_per_second ?? Infinity) / NATIVE_PER_SECOND);
        credit.set(camera, Math.min(2, (credit.get(camera) ?? 1) + allowed));
        if ((credit.get(camera) ?? 0) < 1) continue;
        credit.set(camera, (credit.get(camera) ?? 0) - 1);
        await scene.publish(1, () => ({ frame_id: `f${frames++}`, camera_id: camera }));
      }
      await sleep(1000 / NATIVE_PER_SECOND, undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      ending.abort();
      await running;
    },
  };
}

async function advised(): Promise<Map<string, CameraAdvice>> {
  const all = Object.entries(await scene.redis.hgetall(keys.advisedRates));
  return new Map(
    all.flatMap(([camera, text]): [string, CameraAdvice][] => {
      const advice = decodeCameraAdvice(text);
      return advice ? [[camera, advice]] : [];
    }),
  );
}

/** Of all cameras together; Infinity where one isn't limited. */
async function total(): Promise<number> {
  const advice = await advised();
  return CAMERAS.reduce((sum, camera) => sum + (advice.get(camera)?.frames_per_second ?? Infinity), 0);
}

it('Cameras are advised what the processors can do, by one of two orchestrators, and everything when there is help', async () => {
  const orchestrator = await scene.orchestrate({ ORCHESTRATOR_ID: 'o0' });
  const other = await scene.orchestrate({ ORCHESTRATOR_ID: 'o1' });
  const notices: string[] = [];
  const hints = scene.redis.duplicate();
  hints.on('message', (_channel: string, message: string) => {
    const notice = decodeNotice(message);
    if (notice?.type === 'advice') notices.push(message);
  });
  await hints.subscribe(keys.events);
  // Twenty frames a second, of sixty.
  await scene.join(orchestrator, 'p1', slow, { concurrency: 2 });
  const sending = cameras();
  try {
    await until(async () => (await total()) < Infinity, { what: 'advice', deadlineMs: 20_000 });
    expect(notices.length).toBeGreaterThan(0);
    await until(
      async () => {
        const now = await total();
        return now > 10 && now < 30;
      },
      { what: 'advice near what the processor can do', deadlineMs: 20_000 },
    );
    const rates = [...(await advised()).values()].map((advice) => advice.frames_per_second);
    expect(new Set(rates).size).toBe(1);
    const shown = (await (await fetch(`${other.url}/control/advice`)).json()) as {
      advisor: string;
      cameras: { camera_id: string; limited_by: string }[];
    };
    expect(shown.advisor).toBe(await scene.redis.get(keys.advisor));
    expect(shown.cameras).toMatchObject(CAMERAS.map((camera_id) => ({ camera_id, limited_by: 'detect' })));
    expect(await scene.redis.pttl(keys.advisedRates)).toBeGreaterThan(0);
    await scene.join(orchestrator, 'p2', slow, { concurrency: 16 });
    await until(async () => [...(await advised()).values()].every((its) => its.frames_per_second === null), {
      what: 'cameras to be free again',
      deadlineMs: 40_000,
    });
  } finally {
    await sending.stop();
    hints.disconnect();
  }
}, 90_000);

it('Advice ends with the orchestrator that gave it', async () => {
  const orchestrator = await scene.orchestrate();
  await scene.join(orchestrator, 'p1', slow, { concurrency: 1 });
  const sending = cameras();
  await until(async () => (await total()) < Infinity, { what: 'advice', deadlineMs: 20_000 });
  await sending.stop();
  await scene.stop();
  await until(async () => (await advised()).size === 0, { what: 'it to end', deadlineMs: 15_000 });
}, 60_000);
