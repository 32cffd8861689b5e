import { until } from '@frame-buffer/testing';
import { type FfmpegRunOptions, runFfmpeg } from './ffmpeg-run.ts';

/** Any program may stand in for ffmpeg: here Node.js itself, with a script that behaves as badly as needed. */
function run(script: string, changed: Partial<FfmpegRunOptions> = {}) {
  return runFfmpeg({
    ffmpegPath: process.execPath,
    args: ['-e', script],
    onPicture: () => {},
    stallTimeoutMs: 10_000,
    signal: new AbortController().signal,
    ...changed,
  });
}

const HANGS = 'setInterval(() => {}, 1000);';
const ONE_PICTURE = `process.stdout.write('--ffmpeg\\r\\nContent-length: ' + String(process.pid).length + '\\r\\n\\r\\n' + process.pid);`;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('runFfmpeg', () => {
  it('gives the pictures, and says that the source has ended', async () => {
    const pictures: string[] = [];
    const outcome = await run(ONE_PICTURE, { onPicture: (jpeg) => pictures.push(String(jpeg)) });
    expect(outcome).toEqual({ kind: 'finished' });
    expect(pictures).toHaveLength(1);
  });

  it('gives the last words of a process that fails', async () => {
    const outcome = await run(`console.error('[in @ 0x1] no such camera'); process.exitCode = 1;`);
    expect(outcome).toEqual({ kind: 'failed', reason: 'no such camera' });
  });

  it('ends one that gives no pictures', async () => {
    expect(await run(HANGS, { stallTimeoutMs: 300 })).toEqual({
      kind: 'failed',
      reason: 'no picture for 0.3 s',
    });
  });

  it('ends one that writes something else', async () => {
    const outcome = await run(`process.stdout.write('x'.repeat(5000)); ${HANGS}`);
    expect(outcome).toEqual({ kind: 'failed', reason: 'ffmpeg wrote something else than pictures' });
  });

  it('kills one that does not end when asked', async () => {
    const stopping = new AbortController();
    let pid = 0;
    const outcome = run(`process.on('SIGTERM', () => {}); ${ONE_PICTURE} ${HANGS}`, {
      signal: stopping.signal,
      onPicture: (jpeg) => (pid = Number(String(jpeg))),
    });
    await until(() => pid, { what: 'the process to start' });
    stopping.abort();
    expect(await outcome).toEqual({ kind: 'stopped' });
    expect(isAlive(pid)).toBe(false);
  });

  it('starts nothing for a signal that was given before', async () => {
    expect(await run(HANGS, { signal: AbortSignal.abort() })).toEqual({ kind: 'stopped' });
  });

  it('says where ffmpeg was looked for', async () => {
    expect(await run('', { ffmpegPath: '/nowhere/ffmpeg' })).toEqual({
      kind: 'failed',
      reason: 'ffmpeg was not found as /nowhere/ffmpeg: install it, or name it in FFMPEG_PATH',
    });
  });
});
