/** The picture of a frame, wherever it is kept. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();
const PIXELS = Buffer.from([0xff, 0xd8, 0x00, 0x80, 0xfe, 0xff]);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frame-buffer-pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const hex = async (frame: { image(): Promise<Buffer> }) => ({ hex: (await frame.image()).toString('hex') });

describe('the picture of a frame', () => {
  it('is read from Redis, byte for byte', async () => {
    await bed.redis.set('pixels:1', PIXELS);
    await bed.join(hex);
    await bed.dispatch(1, { storage_backend: 'redis', storage_path: 'pixels:1' });
    await bed.completed(1);
    expect((await bed.results())[0]?.['hex']).toBe(PIXELS.toString('hex'));
  });

  it('is read from where older publishers put it', async () => {
    await bed.redis.set('frame:cam1_1', PIXELS);
    await bed.join(hex);
    await bed.dispatch(1, { storage_backend: '', storage_path: '', frame_buffer_key: 'frame:cam1_1' });
    await bed.completed(1);
    expect((await bed.results())[0]?.['hex']).toBe(PIXELS.toString('hex'));
  });

  it('is read from a file', async () => {
    const path = join(folder, 'a picture.jpg');
    await writeFile(path, PIXELS);
    await bed.join(hex);
    await bed.dispatch(1, { storage_backend: 'file', storage_path: path });
    await bed.completed(1);
    expect((await bed.results())[0]?.['hex']).toBe(PIXELS.toString('hex'));
  });

  it.each([
    [
      'in Redis',
      () => ({ storage_backend: 'redis', storage_path: 'gone' }),
      'the picture at Redis key gone has expired',
    ],
    ['in a file', () => ({ storage_backend: 'file', storage_path: join(folder, 'gone') }), 'is gone'],
    ['nowhere', () => ({ storage_path: '' }), 'no storage_path'],
  ])('that is not there any more (%s) ends the frame for good', async (_where, fields, sentence) => {
    await bed.join(hex);
    await bed.dispatch(1, fields());
    const [frame] = await bed.returned(1);
    expect(frame).toMatchObject({ terminal: '1' });
    expect(frame?.['errors']).toContain(sentence);
  });

  it('that can not be read now is another attempt', async () => {
    await bed.join(hex);
    await bed.dispatch(1, { storage_backend: 'file', storage_path: folder });
    const [frame] = await bed.returned(1);
    expect(frame).toMatchObject({ terminal: '0', attempt: '2' });
    expect(frame?.['errors']).toContain('EISDIR');
  });
});
