import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeSource, unreadableFiles } from './probe.ts';

describe('probeSource', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'frame-buffer-probe-'));
    await writeFile(join(directory, 'notes.mp4'), 'this is no video');
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('gives the size of what can be captured', async () => {
    expect(await probeSource({ kind: 'pattern' })).toEqual({ ok: true, size: { width: 640, height: 360 } });
  });

  it('gives ffmpeg’s reason for a file that is no video', async () => {
    expect(await probeSource({ kind: 'file', path: join(directory, 'notes.mp4') })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('Invalid data found when processing input'),
    });
  });

  it('gives ffmpeg’s reason for a file that is missing', async () => {
    expect(await probeSource({ kind: 'file', path: join(directory, 'missing.mp4') })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('No such file or directory'),
    });
  });

  it('gives ffmpeg’s reason for a camera that refuses', async () => {
    expect(await probeSource({ kind: 'rtsp', url: 'rtsp://127.0.0.1:1/live' })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('Connection refused'),
    });
  });

  it('names every unreadable file once, and asks no camera', async () => {
    const notes = { kind: 'file', path: join(directory, 'notes.mp4') } as const;
    const sentences = await unreadableFiles([notes, notes, { kind: 'rtsp', url: 'rtsp://127.0.0.1:1/live' }]);
    expect(sentences).toEqual([expect.stringMatching(/^The video notes\.mp4 can't be read: .*Invalid data/)]);
  });
});
