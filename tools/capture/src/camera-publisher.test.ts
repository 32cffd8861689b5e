import { cameraOptions } from './camera-options.ts';
import { type CameraPublisher, createCameraPublisher } from './camera-publisher.ts';
import type { Picture } from './frame-record.ts';

interface Stage {
  readonly publisher: CameraPublisher;
  /** What the outlet was given, each with how to settle it. */
  readonly given: { picture: Picture; done: () => void; refuse: (error: Error) => void }[];
  readonly warnings: string[];
}

function stage(maxInFlight: number, traceSampleRatio = 0): Stage {
  const given: Stage['given'] = [];
  const warnings: string[] = [];
  const publisher = createCameraPublisher({
    camera: cameraOptions({ cameraId: 'door', source: { kind: 'pattern' } }),
    outlet: {
      publish: (picture) =>
        new Promise((done, refuse) => {
          given.push({ picture, done, refuse });
        }),
      close: () => {},
    },
    maxInFlight,
    traceSampleRatio,
    logger: { info: () => {}, warn: (message) => warnings.push(message) },
    clock: () => 1_000,
    rng: () => 0.5,
  });
  return { publisher, given, warnings };
}

const JPEG = Buffer.from('jpeg');

describe('createCameraPublisher', () => {
  it('counts a picture as published when the outlet has it', async () => {
    const { publisher, given } = stage(4);
    publisher.offer(JPEG);
    expect(publisher.counts().published).toBe(0);
    given[0]?.done();
    await publisher.settled();
    expect(publisher.counts()).toEqual({ published: 1, skipped: 0, failed: 0 });
  });

  it('skips pictures while as many as allowed are in flight, and says so once', () => {
    const { publisher, given, warnings } = stage(2);
    for (let i = 0; i < 5; i++) publisher.offer(JPEG);
    expect(given).toHaveLength(2);
    expect(publisher.counts().skipped).toBe(3);
    expect(warnings).toEqual(['1 picture of door not captured: 2 are waiting to be stored']);
  });

  it('takes pictures again when there is room', async () => {
    const { publisher, given } = stage(1);
    publisher.offer(JPEG);
    given[0]?.done();
    await publisher.settled();
    publisher.offer(JPEG);
    expect(given).toHaveLength(2);
  });

  it('gives every picture an id of its own', () => {
    const { publisher, given } = stage(4);
    publisher.offer(JPEG);
    publisher.offer(JPEG);
    expect(new Set(given.map(({ picture }) => picture.frameId)).size).toBe(2);
  });

  it('counts what the outlet refuses, with its reason', async () => {
    const { publisher, given, warnings } = stage(4);
    publisher.offer(JPEG);
    given[0]?.refuse(new Error('OOM command not allowed'));
    await publisher.settled();
    expect(publisher.counts()).toEqual({ published: 0, skipped: 0, failed: 1 });
    expect(warnings).toEqual(['1 picture of door could not be stored: OOM command not allowed']);
  });

  it('counts what is in flight at the end as failed, and takes nothing more', () => {
    const { publisher, given } = stage(4);
    publisher.offer(JPEG);
    publisher.offer(JPEG);
    publisher.close();
    publisher.offer(JPEG);
    expect(given).toHaveLength(2);
    expect(publisher.counts()).toEqual({ published: 0, skipped: 0, failed: 2 });
  });

  it.each([
    [0.4, '00'],
    [0.6, '01'],
  ])('with a sample ratio of %d and a chance of 0.5 sets the flags %s', (ratio, flags) => {
    const { publisher, given } = stage(1, ratio);
    publisher.offer(JPEG);
    expect(given[0]?.picture.traceparent.slice(-2)).toBe(flags);
  });
});
