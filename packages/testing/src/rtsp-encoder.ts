import { spawn } from 'node:child_process';
import { type Socket as UdpSocket, createSocket } from 'node:dgram';
import { once } from 'node:events';
import { clearTimeout, setTimeout } from 'node:timers';

export interface RtspEncoderOptions {
  readonly ffmpegPath: string;
  /** ffmpeg's moving test picture, or a video file, shown again and again. */
  readonly source: 'pattern' | { readonly file: string };
  readonly fps: number;
  /** What is to be sent to everyone who watches; channel 0 is RTP, 1 is RTCP. */
  readonly onPacket: (channel: 0 | 1, packet: Buffer) => void;
}

export interface RtspEncoder {
  /** RFC 8866, for one video track. */
  readonly sdp: string;
  readonly pid: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;
const MAX_PACKET_BYTES = 1_400;

/**
 * ffmpeg encodes H.264 into RTP towards two UDP ports of ours, so that every packet arrives whole. The ports are connected: when
 * they are gone because this process died, ffmpeg's next packet is refused, and it ends.
 * @throws Error with ffmpeg's own words when it doesn't start
 */
export async function startRtspEncoder(options: RtspEncoderOptions): Promise<RtspEncoder> {
  const { ffmpegPath, onPacket } = options;
  const rtp = await receive((packet) => onPacket(0, packet));
  const rtcp = await receive((packet) => onPacket(1, packet));
  const target = `rtp://127.0.0.1:${rtp.address().port}?rtcpport=${rtcp.address().port}&connect=1&pkt_size=${MAX_PACKET_BYTES}`;
  const child = spawn(ffmpegPath, [...encodingOf(options), '-sdp_file', 'pipe:1', '-f', 'rtp', target], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const closed = once(child, 'close').catch(() => {});
  const stop = async (): Promise<void> => {
    // Nothing that it could leave undone is worth waiting for.
    child.kill('SIGKILL');
    await closed;
    rtp.close();
    rtcp.close();
  };
  try {
    const sdp = await descriptionOf(child);
    return { sdp, pid: child.pid ?? 0, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function encodingOf({ source, fps }: RtspEncoderOptions): string[] {
  const input =
    source === 'pattern'
      ? ['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=${fps}`]
      : ['-stream_loop', '-1', '-i', source.file];
  return [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'error', '-re', ...input],
    ...[
      '-map',
      '0:V:0',
      '-r',
      String(fps),
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
    ],
    // A key frame twice a second, so that whoever joins sees something soon; parameter sets in the description.
    ...['-pix_fmt', 'yuv420p', '-g', String(Math.max(1, Math.round(fps / 2))), '-flags', '+global_header'],
  ];
}

async function receive(onPacket: (packet: Buffer) => void): Promise<UdpSocket> {
  const socket = createSocket('udp4');
  socket.on('message', onPacket);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** ffmpeg writes the description when it knows the video's parameters; it ends with the last line of the video track. */
function descriptionOf(child: ReturnType<typeof spawn>): Promise<string> {
  return new Promise((resolve, reject) => {
    let sdp = '';
    let stderr = '';
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`the test camera did not start: ${stderr.trim() || why}`));
    };
    const timer = setTimeout(() => fail('ffmpeg gave no description'), START_TIMEOUT_MS);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-2_000)));
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      sdp += text;
      if (!/^a=fmtp:.*\r?\n/m.test(sdp)) return;
      clearTimeout(timer);
      resolve(sdp);
    });
    child.once('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`ffmpeg ended with code ${code}`));
  });
}
