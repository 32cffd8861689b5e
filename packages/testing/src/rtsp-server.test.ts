import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type RtspServer, startRtspServer } from './rtsp-server.ts';
import { until } from './until.ts';

const FFMPEG = process.env['FFMPEG_PATH'] || 'ffmpeg';

describe('startRtspServer', () => {
  let camera: RtspServer | undefined;
  const viewers: ChildProcess[] = [];

  afterEach(async () => {
    for (const viewer of viewers.splice(0)) {
      viewer.kill('SIGKILL');
      if (viewer.exitCode === null && viewer.signalCode === null) await once(viewer, 'close');
    }
    await camera?.stop();
    camera = undefined;
  });

  /** A player that decodes what comes, raw and tiny; `seen()` is in bytes of pictures. */
  function watch(url: string): { seen: () => number; ended: Promise<unknown> } {
    const input = ['-v', 'error', '-rtsp_transport', 'tcp', '-fpsprobesize', '0', '-i', url];
    const viewer = spawn(FFMPEG, ['-nostdin', ...input, '-s', '16x16', '-f', 'rawvideo', 'pipe:1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    viewers.push(viewer);
    let seen = 0;
    viewer.stdout.on('data', (chunk: Buffer) => (seen += chunk.length));
    return { seen: () => seen, ended: once(viewer, 'close') };
  }

  it('shows the test pattern to several players at once', async () => {
    camera = await startRtspServer();
    const [first, second] = [watch(camera.url), watch(camera.url)];
    await until(() => first.seen() > 0 && second.seen() > 0, { what: 'pictures', deadlineMs: 15_000 });
    expect(camera.viewers()).toBe(2);
  });

  it('shows a file again and again', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'frame-buffer-rtsp-'));
    const source = join(directory, 'half-a-second.mp4');
    const input = 'testsrc2=size=64x64:rate=20:duration=0.5';
    await promisify(execFile)(FFMPEG, ['-v', 'error', '-f', 'lavfi', '-i', input, source]);
    camera = await startRtspServer({ source, fps: 20 });
    const viewer = watch(camera.url);
    const pictureBytes = 16 * 16 * 1.5;
    await until(() => viewer.seen() >= 15 * pictureBytes, { what: '15 pictures', deadlineMs: 15_000 });
    await rm(directory, { recursive: true });
  });

  it('cuts its viewers off and takes new ones', async () => {
    camera = await startRtspServer();
    const first = watch(camera.url);
    await until(first.seen, { what: 'pictures', deadlineMs: 15_000 });
    camera.dropClients();
    await first.ended;
    const second = watch(camera.url);
    await until(second.seen, { what: 'pictures again', deadlineMs: 15_000 });
  });

  it('leaves no encoder behind, and can come back at its port', async () => {
    const before = await startRtspServer();
    await before.stop();
    expect(() => process.kill(before.encoderPid, 0)).toThrow('ESRCH');
    camera = await startRtspServer({ port: before.port });
    expect(camera.url).toBe(before.url);
  });

  it('says why it does not start', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'frame-buffer-rtsp-'));
    const source = join(directory, 'notes.mp4');
    await writeFile(source, 'this is no video');
    await expect(startRtspServer({ source })).rejects.toThrow('Invalid data found when processing input');
    await rm(directory, { recursive: true });
  });

  describe('asked step by step', () => {
    let socket: Socket;
    let received: Buffer;
    const ask = (...lines: string[]): void => void socket.write(`${lines.join('\r\n')}\r\n\r\n`);
    const answer = (pattern: RegExp) =>
      until(() => pattern.exec(received.toString('latin1')), { what: String(pattern) });

    beforeEach(async () => {
      camera = await startRtspServer();
      received = Buffer.alloc(0);
      socket = connect(camera.port, '127.0.0.1');
      socket.on('data', (chunk: Buffer) => (received = Buffer.concat([received, chunk])));
      await once(socket, 'connect');
    });
    afterEach(() => socket.destroy());

    it('describes one video track', async () => {
      ask('DESCRIBE rtsp://127.0.0.1/camera RTSP/1.0', 'CSeq: 2', 'Accept: application/sdp');
      await answer(/^RTSP\/1\.0 200 OK\r\nCSeq: 2\r\n[^]*m=video 0 RTP\/AVP 96\r\n[^]*a=control:track1\r\n$/);
    });

    it('answers requests that arrive in pieces, and several at once', async () => {
      socket.write('OPTIONS * RTSP/1.0\r\nCS');
      ask('eq: 1\r\n\r\nGET_PARAMETER * RTSP/1.0\r\nCSeq: 2\r\n\r\nRECORD * RTSP/1.0\r\nCSeq: 3');
      await answer(/200 OK\r\nCSeq: 1\r\n[^]*200 OK\r\nCSeq: 2\r\n[^]*501 Not Implemented\r\nCSeq: 3\r\n/);
    });

    it('sends nothing over UDP', async () => {
      ask(
        'SETUP rtsp://127.0.0.1/camera/track1 RTSP/1.0',
        'CSeq: 3',
        'Transport: RTP/AVP;client_port=5000-5001',
      );
      await answer(/^RTSP\/1\.0 461 /);
    });

    it('sends packets on the channels asked for, from PLAY on', async () => {
      ask(
        'SETUP rtsp://127.0.0.1/camera/track1 RTSP/1.0',
        'CSeq: 3',
        'Transport: RTP/AVP/TCP;interleaved=4-5',
      );
      await answer(/interleaved=4-5/);
      ask('PLAY rtsp://127.0.0.1/camera RTSP/1.0', 'CSeq: 4');
      await until(() => received.includes(Buffer.from('$\u0004')), { what: 'a packet on channel 4' });
      expect(camera?.viewers()).toBe(1);
    });
  });
});
