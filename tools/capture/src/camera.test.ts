import { createCamera } from './camera.ts';
import { type CameraRequest, cameraOptions } from './camera-options.ts';
import type { FfmpegOutcome } from './ffmpeg-run.ts';

/** What a run does: gives so many pictures, takes so long, ends so. */
interface Run {
  readonly pictures: number;
  readonly tookMs?: number;
  readonly outcome: FfmpegOutcome;
}

const refused = (reason = 'refused'): FfmpegOutcome => ({ kind: 'failed', reason });

/** Lets a camera live through these runs; after the last one it is stopped. */
async function live(runs: readonly Run[], request: Partial<CameraRequest> = {}) {
  const stopping = new AbortController();
  const pauses: number[] = [];
  const log: string[] = [];
  const left = [...runs];
  let now = 0;
  let pictures = 0;
  const camera = createCamera(
    cameraOptions({ cameraId: 'door', source: { kind: 'rtsp', url: 'rtsp://camera/live' }, ...request }),
    {
      async decode(onPicture) {
        const run = left.shift();
        if (!run) {
          stopping.abort();
          return { kind: 'stopped' };
        }
        for (let i = 0; i < run.pictures; i++) onPicture(Buffer.from('jpeg'));
        now += run.tookMs ?? 0;
        return run.outcome;
      },
      onPicture: () => (pictures += 1),
      async pause(ms) {
        pauses.push(ms);
        now += ms;
      },
      logger: { info: (message) => log.push(message), warn: (message) => log.push(message) },
      clock: () => now,
      rng: () => 1,
    },
  );
  await camera.run(stopping.signal);
  return { camera, pauses, log, left, pictures };
}

const shelf = { source: { kind: 'file', path: '/videos/shelf.mp4' } } as const;

describe('createCamera', () => {
  it('ends with a file', async () => {
    const { camera, left, pictures } = await live(
      [
        { pictures: 3, outcome: { kind: 'finished' } },
        { pictures: 1, outcome: refused() },
      ],
      shelf,
    );
    expect(camera.status()).toEqual({ state: 'ended', restarts: 0, reason: undefined });
    expect(left).toHaveLength(1);
    expect(pictures).toBe(3);
  });

  it('starts a looped file again should it end', async () => {
    const { left } = await live([{ pictures: 1, outcome: { kind: 'finished' } }], { ...shelf, loop: true });
    expect(left).toEqual([]);
  });

  it('waits longer before every attempt that fails', async () => {
    const { pauses } = await live(Array.from({ length: 4 }, () => ({ pictures: 0, outcome: refused() })));
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('waits shortly again after a time in which all was well', async () => {
    const { pauses } = await live([
      { pictures: 0, outcome: refused() },
      { pictures: 0, outcome: refused() },
      { pictures: 1, tookMs: 60_000, outcome: refused() },
    ]);
    expect(pauses).toEqual([500, 1_000, 500]);
  });

  it('goes on waiting longer for a camera that dies after every picture', async () => {
    const { pauses } = await live(
      Array.from({ length: 3 }, () => ({ pictures: 1, tookMs: 50, outcome: refused() })),
    );
    expect(pauses).toEqual([500, 1_000, 2_000]);
  });

  it('says once that it goes, and once that it is back', async () => {
    const { log, camera } = await live([
      { pictures: 2, outcome: refused() },
      { pictures: 0, outcome: refused() },
      { pictures: 0, outcome: refused() },
      { pictures: 2, outcome: { kind: 'stopped' } },
    ]);
    expect(log).toEqual([
      'door (rtsp://camera/live) is capturing',
      'door (rtsp://camera/live) gives no pictures: refused; trying again until it does',
      'door (rtsp://camera/live) is back after 4 s',
    ]);
    expect(camera.status()).toMatchObject({ restarts: 3 });
  });

  it('says a new reason', async () => {
    const { log } = await live([
      { pictures: 0, outcome: refused() },
      { pictures: 0, outcome: refused() },
      { pictures: 0, outcome: refused('no route') },
    ]);
    expect(log.map((message) => /pictures: (.*);/.exec(message)?.[1])).toEqual(['refused', 'no route']);
  });
});
