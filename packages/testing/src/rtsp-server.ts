import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { type RtspConnection, serveRtsp } from './rtsp-connection.ts';
import { startRtspEncoder } from './rtsp-encoder.ts';

export interface RtspServerOptions {
  /** `pattern` (ffmpeg's moving test picture, 320x180), or the path of a video file, which is shown again and again. */
  source: string;
  fps: number;
  /** 0: a free one. A camera that comes back comes back at its old port. */
  port: number;
  /** Default: FFMPEG_PATH, else `ffmpeg` on the PATH. */
  ffmpegPath: string;
}

/** A camera on the loopback interface. */
export interface RtspServer {
  readonly url: string;
  readonly port: number;
  /** The encoder's process. */
  readonly encoderPid: number;
  /** How many are watching now. */
  viewers(): number;
  /** Cuts every connection; the camera stays and answers the next ones. */
  dropClients(): void;
  /** A camera that hangs: connections stay open and nothing comes any more, until it is told otherwise. */
  hang(hanging: boolean): void;
  /** Switches the camera off. */
  stop(): Promise<void>;
}

/**
 * An RTSP camera for tests: ffmpeg encodes in real time, every viewer gets the packets over its own TCP connection.
 * @throws Error with ffmpeg's own words when it doesn't start; whatever `listen` says
 */
export async function startRtspServer(options: Partial<RtspServerOptions> = {}): Promise<RtspServer> {
  const { source = 'pattern', fps = 10, port = 0 } = options;
  const ffmpegPath = options.ffmpegPath ?? (process.env['FFMPEG_PATH'] || 'ffmpeg');
  const connections = new Map<Socket, RtspConnection>();
  let hanging = false;

  const encoder = await startRtspEncoder({
    ffmpegPath,
    source: source === 'pattern' ? 'pattern' : { file: source },
    fps,
    onPacket(kind, packet) {
      if (hanging) return;
      for (const connection of connections.values()) connection.send(kind, packet);
    },
  });
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    connections.set(socket, serveRtsp(socket, encoder.sdp));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
  });
  const dropClients = (): void => {
    for (const socket of connections.keys()) socket.destroy();
  };
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    await encoder.stop();
    throw error;
  }

  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `rtsp://127.0.0.1:${bound}/camera`,
    port: bound,
    encoderPid: encoder.pid,
    viewers: () => [...connections.values()].filter(({ playing }) => playing).length,
    dropClients,
    hang(now) {
      hanging = now;
    },
    async stop() {
      const closed = once(server, 'close');
      server.close();
      dropClients();
      await Promise.all([closed, encoder.stop()]);
    },
  };
}
