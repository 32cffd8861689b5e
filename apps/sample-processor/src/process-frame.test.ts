import { decodeFrame } from '@frame-buffer/models';
import { FrameGoneError, type ProcessorFrame, TerminalError } from '@frame-buffer/processor-client';
import { silentLogger } from '@frame-buffer/telemetry';
import sharp from 'sharp';
import { createMotionDetector } from './motion-detector.ts';
import { createProcessFrame, MOTION_DETECTION, SAMPLE_PROCESSING } from './process-frame.ts';

function frame(capability: string | undefined, image: () => Promise<Buffer>): ProcessorFrame {
  const decoded = decodeFrame({
    frame_id: 'f1',
    camera_id: 'c1',
    metadata: '{"zone":"door"}',
    timestamp: '10',
  });
  if (!decoded.ok) throw new Error('bad frame');
  return { ...decoded.value, capability, image };
}

function context() {
  const attributes: Record<string, unknown> = {};
  const span = { setAttribute: (name: string, value: unknown) => void (attributes[name] = value) };
  return { attributes, context: { signal: new AbortController().signal, span, logger: silentLogger } };
}

const picture = (background: string): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 48, channels: 3, background } })
    .jpeg()
    .toBuffer();
const noPicture = (): Promise<Buffer> => Promise.reject(new Error('not asked for'));

describe('sample processing', () => {
  it.each([SAMPLE_PROCESSING, undefined])(
    '(%s) answers without looking at the picture',
    async (capability) => {
      const process = createProcessFrame(createMotionDetector());
      expect(await process(frame(capability, noPicture), context().context)).toEqual({
        processed: true,
        metadata: { zone: 'door' },
      });
    },
  );
});

describe('motion detection', () => {
  it('answers with score and region, and puts the score into the span', async () => {
    const process = createProcessFrame(createMotionDetector());
    const first = await process(
      frame(MOTION_DETECTION, () => picture('#000')),
      context().context,
    );
    const { context: second, attributes } = context();
    expect(first).toEqual({
      processed: true,
      motion_score: 0,
      motion_region: null,
      metadata: { zone: 'door' },
    });
    expect(
      await process(
        frame(MOTION_DETECTION, () => picture('#fff')),
        second,
      ),
    ).toEqual({
      processed: true,
      motion_score: 1,
      motion_region: { x: 0, y: 0, width: 64, height: 48 },
      metadata: { zone: 'door' },
    });
    expect(attributes).toEqual({ 'motion.score': 1 });
  });

  it('gives up for good what is no picture', async () => {
    const process = createProcessFrame(createMotionDetector());
    const bytes = async () => Buffer.from('no picture');
    const failure = process(frame(MOTION_DETECTION, bytes), context().context);
    await expect(failure).rejects.toThrow(TerminalError);
    await expect(failure).rejects.toThrow(/^the picture can not be decoded: /);
  });

  it.each([
    ['an outage', new Error('Redis is away')],
    ['its expiry', new FrameGoneError('expired')],
  ])('passes on why a picture could not be had: %s', async (_why, error) => {
    const process = createProcessFrame(createMotionDetector());
    await expect(
      process(
        frame(MOTION_DETECTION, () => Promise.reject(error)),
        context().context,
      ),
    ).rejects.toBe(error);
  });
});
