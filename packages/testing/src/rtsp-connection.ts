import type { Socket } from 'node:net';

/** One viewer of a camera. */
export interface RtspConnection {
  /** Between PLAY and TEARDOWN. */
  readonly playing: boolean;
  /** Sends a packet on the viewer's channel of this kind: 0 is RTP, 1 is RTCP. */
  send(kind: 0 | 1, packet: Buffer): void;
}

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: ReadonlyMap<string, string>;
}

const CRLF = '\r\n';
const HEADERS_END = Buffer.from('\r\n\r\n');
const INTERLEAVED = 0x24;
const METHODS = 'OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN';
/** A viewer that is so far behind has stopped reading. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024;
const INTERLEAVED_CHANNELS = /RTP\/AVP\/TCP.*interleaved=(\d+)-(\d+)/i;

/**
 * The server's side of RTSP 1.0 (RFC 2326) for one video track whose packets are interleaved with the answers on the same
 * connection (section 10.12): as much as a player needs to watch, and nothing else.
 * @param sdp one video track without a control address
 */
export function serveRtsp(socket: Socket, sdp: string): RtspConnection {
  const session = Math.random().toString(36).slice(2, 10);
  let channels: readonly [number, number] = [0, 1];
  let playing = false;
  let unread: Buffer = Buffer.alloc(0);

  const answer = (
    request: Request,
    status: string,
    headers: Record<string, string> = {},
    body = '',
  ): void => {
    const lines = [
      `RTSP/1.0 ${status}`,
      `CSeq: ${request.headers.get('cseq') ?? '0'}`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      ...(body ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
    ];
    socket.write(lines.join(CRLF) + CRLF + CRLF + body);
  };
  const handle = (request: Request): void => {
    const own = { Session: `${session};timeout=60` };
    switch (request.method) {
      case 'OPTIONS':
        return answer(request, '200 OK', { Public: METHODS });
      case 'DESCRIBE': {
        const base = request.url.endsWith('/') ? request.url : `${request.url}/`;
        const headers = { 'Content-Base': base, 'Content-Type': 'application/sdp' };
        return answer(request, '200 OK', headers, withControl(sdp));
      }
      case 'SETUP': {
        const match = INTERLEAVED_CHANNELS.exec(request.headers.get('transport') ?? '');
        if (!match) return answer(request, '461 Unsupported Transport');
        channels = [Number(match[1]), Number(match[2])];
        const transport = `RTP/AVP/TCP;unicast;interleaved=${channels.join('-')}`;
        return answer(request, '200 OK', { ...own, Transport: transport });
      }
      case 'PLAY':
        answer(request, '200 OK', { ...own, Range: 'npt=now-' });
        playing = true;
        return;
      case 'GET_PARAMETER':
        return answer(request, '200 OK', own);
      case 'TEARDOWN':
        playing = false;
        return answer(request, '200 OK', own);
      default:
        return answer(request, '501 Not Implemented', { Public: METHODS });
    }
  };

  socket.on('data', (chunk: Buffer) => {
    unread = Buffer.concat([unread, chunk]);
    for (;;) {
      const length = messageLength(unread);
      if (length === undefined || length > unread.length) return;
      const message = unread.subarray(0, length);
      unread = unread.subarray(length);
      // The viewer's own reports, interleaved with its requests, are of no interest.
      if (message[0] !== INTERLEAVED) handle(parse(message.toString('utf8')));
    }
  });

  return {
    get playing() {
      return playing;
    },
    send(kind, packet) {
      if (!playing || socket.destroyed) return;
      if (socket.writableLength > MAX_UNSENT_BYTES) {
        socket.destroy();
        return;
      }
      const frame = Buffer.allocUnsafe(4);
      frame.writeUInt8(INTERLEAVED, 0);
      frame.writeUInt8(channels[kind], 1);
      frame.writeUInt16BE(packet.length, 2);
      socket.cork();
      socket.write(frame);
      socket.write(packet);
      socket.uncork();
    },
  };
}

/** Bytes of the first message, whether or not all of them are there; undefined while that can't be known. */
function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 4) return undefined;
  if (bytes[0] === INTERLEAVED) return 4 + bytes.readUInt16BE(2);
  const end = bytes.indexOf(HEADERS_END);
  if (end < 0) return undefined;
  const { headers } = parse(bytes.toString('utf8', 0, end));
  return end + HEADERS_END.length + Number(headers.get('content-length') ?? 0);
}

function parse(text: string): Request {
  const [first = '', ...lines] = (text.split(CRLF + CRLF)[0] ?? '').split(CRLF);
  const [method = '', url = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { method, url, headers: new Map(headers) };
}

/** The track gets an address below the camera's; ports mean nothing where packets are interleaved. */
function withControl(sdp: string): string {
  return `${sdp.trimEnd().replace(/^m=video \d+ /m, 'm=video 0 ')}${CRLF}a=control:track1${CRLF}`;
}
