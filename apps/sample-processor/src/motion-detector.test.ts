import sharp from 'sharp';
import { UnreadablePictureError } from './motion.ts';
import { createMotionDetector } from './motion-detector.ts';

/** A picture of one brightness, so that what was compared with what shows in the score: any two different ones give 1. */
const grey = (level: number): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: { r: level, g: level, b: level } } })
    .png()
    .toBuffer();

/** The left part white, so that the score tells how many columns changed. */
const bar = async (columns: number): Promise<Buffer> => {
  const white = { create: { width: columns, height: 40, channels: 3 as const, background: '#fff' } };
  return sharp({ create: { width: 80, height: 40, channels: 3, background: '#000' } })
    .composite([{ input: await sharp(white).png().toBuffer(), left: 0, top: 0 }])
    .png()
    .toBuffer();
};

describe('a motion detector', () => {
  it('compares the pictures of a camera in order, though they come and decode slowly', async () => {
    const detector = createMotionDetector();
    const pictures = await Promise.all([8, 16, 32, 64].map(bar));
    const arriving = pictures.map(() => Promise.withResolvers<Buffer>());
    const motions = Promise.all(arriving.map(({ promise }, i) => detector.detect('c1', i, promise)));
    for (const i of [3, 1, 2, 0]) {
      arriving[i]!.resolve(pictures[i]!);
      await new Promise(setImmediate);
    }
    // The difference to the one before: 8, 16 and 32 of 80 columns.
    expect((await motions).map(({ score }) => score)).toEqual([0, 0.1, 0.2, 0.4]);
  });

  it('keeps cameras apart', async () => {
    const detector = createMotionDetector();
    const [dark, light] = await Promise.all([grey(0), grey(255)]);
    await detector.detect('c1', 0, dark);
    expect((await detector.detect('c2', 1, light)).score).toBe(0);
    expect((await detector.detect('c1', 2, light)).score).toBe(1);
  });

  it('goes on after a picture that can not be read, or never came', async () => {
    const detector = createMotionDetector();
    const slow = Promise.withResolvers<Buffer>();
    const all = Promise.allSettled([
      detector.detect('c1', 0, slow.promise),
      detector.detect('c1', 1, Buffer.from('no picture')),
      detector.detect('c1', 2, Promise.reject(new Error('expired'))),
      detector.detect('c1', 3, await grey(255)),
    ]);
    // The two that fail do so long before their turn: nobody may take that for an error that is nobody's.
    await new Promise(setImmediate);
    slow.resolve(await grey(0));
    const [first, second, third, last] = await all;
    expect(first?.status).toBe('fulfilled');
    expect((second as PromiseRejectedResult).reason).toBeInstanceOf(UnreadablePictureError);
    expect((third as PromiseRejectedResult).reason).toEqual(new Error('expired'));
    expect(last).toMatchObject({ status: 'fulfilled', value: { score: 1 } });
  });

  it('does not wait for a picture whose time is up', async () => {
    const detector = createMotionDetector();
    const abort = new AbortController();
    const hanging = detector.detect('c1', 0, new Promise(() => {}), abort.signal);
    const next = detector.detect('c1', 1, await grey(0));
    abort.abort(new Error('time is up'));
    await expect(hanging).rejects.toThrow('time is up');
    expect(await next).toMatchObject({ score: 0 });
  });

  it('does not let a picture that comes late take the place of a newer one', async () => {
    const detector = createMotionDetector();
    const [dark, light] = await Promise.all([grey(0), grey(255)]);
    await detector.detect('c1', 2_000, light);
    expect((await detector.detect('c1', 1_000, dark)).score).toBe(1);
    expect((await detector.detect('c1', 3_000, light)).score).toBe(0);
  });

  it('forgets the camera that was unseen for longest', async () => {
    const detector = createMotionDetector(2);
    const [dark, light] = await Promise.all([grey(0), grey(255)]);
    await detector.detect('c1', 0, dark);
    await detector.detect('c2', 0, dark);
    await detector.detect('c1', 1, dark);
    await detector.detect('c3', 1, dark);
    expect((await detector.detect('c1', 2, light)).score).toBe(1);
    expect((await detector.detect('c2', 2, light)).score).toBe(0);
  });
});
