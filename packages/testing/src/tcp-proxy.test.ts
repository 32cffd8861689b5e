import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { type TcpProxy, startTcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

interface Peer {
  readonly socket: Socket;
  received(): string;
  send(text: string): void;
}

let upstream: Server;
let proxy: TcpProxy;
/** What the server received, over all connections. */
let arrived = '';
const sockets: Socket[] = [];

/** Answers every chunk with the same in upper case. */
beforeEach(async () => {
  arrived = '';
  upstream = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      arrived += chunk.toString();
      socket.write(chunk.toString().toUpperCase());
    });
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  proxy = await startTcpProxy((upstream.address() as { port: number }).port);
});
afterEach(async () => {
  await proxy.stop();
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => upstream.close(resolve));
});

function open(): Peer {
  const socket = connect(proxy.port, '127.0.0.1');
  sockets.push(socket);
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => (received += chunk.toString()));
  return { socket, received: () => received, send: (text) => void socket.write(text) };
}

const receives = (peer: Peer, text: string): Promise<boolean> =>
  until(() => peer.received() === text, { what: `${JSON.stringify(text)}, not ${peer.received()}` });
const closes = (peer: Peer): Promise<boolean> =>
  until(() => peer.socket.destroyed, { what: 'the connection to close' });

describe('startTcpProxy', () => {
  it('passes bytes on in both directions', async () => {
    const peer = open();
    peer.send('hello');
    await receives(peer, 'HELLO');
    expect(arrived).toBe('hello');
  });

  it('passes on more than any buffer holds', async () => {
    const peer = open();
    const large = 'x'.repeat(3_000_000);
    peer.send(large);
    await until(() => peer.received().length === large.length, { what: 'three megabytes' });
    expect(peer.received()).toBe(large.toUpperCase());
  });

  it('counts the open connections', async () => {
    const peer = open();
    open();
    await until(() => proxy.connections() === 2, { what: 'two connections' });
    peer.socket.destroy();
    expect(await until(() => proxy.connections() === 1, { what: 'one connection' })).toBe(true);
  });

  it('resets all connections on cutAll and lets new ones in', async () => {
    const cut = open();
    cut.send('a');
    await receives(cut, 'A');
    proxy.cutAll();
    await closes(cut);
    const next = open();
    next.send('b');
    expect(await receives(next, 'B')).toBe(true);
  });

  it('cuts in the middle of what a client sends', async () => {
    const peer = open();
    const cut = proxy.cutAfter(3, 'up');
    peer.send('hello');
    await cut;
    await closes(peer);
    await until(() => arrived.length > 0, { what: 'the first bytes to arrive' });
    expect(arrived).toBe('hel');
  });

  it('counts the bytes of a cut over several chunks', async () => {
    const peer = open();
    void proxy.cutAfter(5, 'up');
    peer.send('abc');
    await receives(peer, 'ABC');
    peer.send('defg');
    await closes(peer);
    await until(() => arrived.length >= 5, { what: 'five bytes to arrive' });
    expect(arrived).toBe('abcde');
  });

  it('loses an answer to what did arrive', async () => {
    const peer = open();
    void proxy.cutAfter(0, 'down');
    peer.send('hello');
    await closes(peer);
    expect([arrived, peer.received()]).toEqual(['hello', '']);
  });

  it('holds answers back while down is stalled, and lets them through on resume', async () => {
    const peer = open();
    peer.send('a');
    await receives(peer, 'A');
    proxy.stall('down');
    peer.send('b');
    await until(() => arrived === 'ab', { what: 'the second byte to arrive' });
    expect(peer.received()).toBe('A');
    proxy.resume();
    await receives(peer, 'AB');
  });

  it('holds requests back while up is stalled, also those of new connections', async () => {
    proxy.stall('up');
    const peer = open();
    peer.send('a');
    await until(() => proxy.connections() === 1, { what: 'the connection to be let in' });
    expect(arrived).toBe('');
    proxy.resume();
    await receives(peer, 'A');
  });

  it('refuses new connections and keeps open ones', async () => {
    const peer = open();
    peer.send('a');
    await receives(peer, 'A');
    await proxy.refuse();
    const refused = open();
    const [error] = (await once(refused.socket, 'error')) as [NodeJS.ErrnoException];
    peer.send('b');
    await receives(peer, 'AB');
    expect(error.code).toBe('ECONNREFUSED');
  });

  it('lets connections in again on the same port', async () => {
    await proxy.refuse();
    await proxy.accept();
    const peer = open();
    peer.send('a');
    expect(await receives(peer, 'A')).toBe(true);
  });

  it('closes a connection whose server is away', async () => {
    await new Promise((resolve) => upstream.close(resolve));
    expect(await closes(open())).toBe(true);
  });
});
