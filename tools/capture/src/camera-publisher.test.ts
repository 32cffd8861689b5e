import { cameraOptions } from './camera-options.ts';
import type { FlatRecord } from '@frame-buffer/models';
import { type CameraPublisher, createCameraPublisher } from './camera-publisher.ts';
import type { Picture } from './frame-record.ts';

interface Stage {
  readonly publisher: CameraPublisher;
  /** What the outlet was given, each with how to settle it. */
  readonly given: { picture: Picture; done: () => void; refuse: (error: Error) => void }[];
  readonly warnings: string[];
  /** Of each frame: its trace's end, and the error that it ended with. */
  readonly traces: { readonly frame: FlatRecord; readonly ends: unknown[] }[];
  readonly time: { nowMs: number };
}

function stage(maxInFlight: number): Stage {
  const given: Stage['given'] = [];
  const warnings: string[] = [];
  const traces: Stage['traces'] = [];
  const time = { nowMs: 1_000 };
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
    trace(frame) {
      const ends: unknown[] = [];
      traces.push({ frame, ends });
      return { traceparent: `trace ${traces.length}`, end: (error) => void ends.push(error) };
    },
    logger: { info: (message) => warnings.push(message), warn: (message) => warnings.push(message) },
    clock: () => time.nowMs,
  });
  return { publisher, given, warnings, traces, time };
}

const JPEG = Buffer.from('jpeg');

describe('createCameraPublisher', () => {
  it('counts a picture as published when the outlet has it', async () => {
    const { publisher, given } = stage(4);
    publisher.offer(JPEG);
    expect(publisher.counts().published).toBe(0);
    given[0]?.done();
    await publisher.settled();
    expect(publisher.counts()).toEqual({ published: 1, skipped: 0, leftOut: 0, failed: 0 });
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

  it('leaves pictures out as advised, says so once for each change, and takes all again without advice', () => {
    const { publisher, given, warnings, time } = stage(1_000);
    const offerFor = (seconds: number): number => {
      const before = given.length;
      for (let i = 0; i < seconds * 20; i++) {
        time.nowMs += 50;
        publisher.offer(JPEG);
      }
      return given.length - before;
    };
    const advice = (framesPerSecond: number | null) => ({
      frames_per_second: framesPerSecond,
      level: 2,
      limited_by: 'detect',
      at: '2026-01-31T12:00:00Z',
    });
    publisher.advise(undefined);
    expect(offerFor(1)).toBe(20);
    publisher.advise(advice(5));
    publisher.advise(advice(5.1));
    expect(offerFor(10)).toBeLessThanOrEqual(52);
    expect(publisher.counts().leftOut).toBeGreaterThanOrEqual(148);
    publisher.advise(advice(10));
    expect(offerFor(10)).toBeGreaterThanOrEqual(98);
    publisher.advise(advice(null));
    expect(offerFor(1)).toBe(20);
    publisher.advise(advice(5));
    publisher.advise(undefined);
    expect(offerFor(1)).toBe(20);
    expect(warnings).toEqual([
      'door is advised 5 pictures a second by detect: others are left out',
      'door is advised 10 pictures a second by detect: others are left out',
      'door may send all of its pictures again',
      'door is advised 5 pictures a second by detect: others are left out',
      'door may send all of its pictures again',
    ]);
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
    expect(publisher.counts()).toEqual({ published: 0, skipped: 0, leftOut: 0, failed: 1 });
    expect(warnings).toEqual(['1 picture of door could not be stored: OOM command not allowed']);
  });

  it('counts what is in flight at the end as failed, and takes nothing more', () => {
    const { publisher, given } = stage(4);
    publisher.offer(JPEG);
    publisher.offer(JPEG);
    publisher.close();
    publisher.offer(JPEG);
    expect(given).toHaveLength(2);
    expect(publisher.counts()).toEqual({ published: 0, skipped: 0, leftOut: 0, failed: 2 });
  });

  it('has a trace for every picture that becomes a frame, which ends when it is settled', async () => {
    const { publisher, given, traces } = stage(2);
    for (let i = 0; i < 3; i++) publisher.offer(JPEG);
    expect(traces.map(({ frame }) => frame)).toEqual(
      given.map(({ picture }) => ({ frame_id: picture.frameId, camera_id: 'door', priority: '0' })),
    );
    expect(given.map(({ picture }) => picture.traceparent)).toEqual(['trace 1', 'trace 2']);
    expect(traces.map(({ ends }) => ends)).toEqual([[], []]);
    const refusal = new Error('OOM command not allowed');
    given[0]?.done();
    given[1]?.refuse(refusal);
    await publisher.settled();
    expect(traces.map(({ ends }) => ends)).toEqual([[undefined], [refusal]]);
  });

  it('ends the traces of what is in flight at the end', () => {
    const { publisher, traces } = stage(1);
    publisher.offer(JPEG);
    publisher.close();
    expect(traces.map(({ ends }) => ends)).toEqual([['the capture ended first']]);
  });
});
