import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { freePort } from '@frame-buffer/setup';

/** `up`: what clients send to the server. `down`: what it answers. */
export type ProxyDirection = 'up' | 'down';

/** Stands between clients and a server on a loopback port, and fails on command the way networks do. */
export interface TcpProxy {
  readonly port: number;
  /** As a Redis client takes it. */
  readonly url: string;
  /** Open connections of clients. */
  connections(): number;
  /** Resets all connections. New ones are let in. */
  cutAll(): void;
  /**
   * Lets so many more bytes through in that direction, counted over all connections, and then resets the connection
   * that carries the next one: `cutAfter(10, 'up')` cuts a command in the middle, `cutAfter(0, 'down')` loses an answer.
   * @returns fulfilled when the cut has happened
   */
  cutAfter(bytes: number, direction: ProxyDirection): Promise<void>;
  /** Connections stay open, also new ones, and nothing comes through: in that direction, or in both. */
  stall(direction?: ProxyDirection): void;
  /** Ends all stalls; what was held back comes through. */
  resume(): void;
  /** New connections are refused; open ones stay. */
  refuse(): Promise<void>;
  /** New connections are let in again, on the same port. */
  accept(): Promise<void>;
  /** Resets all connections and closes the port. */
  stop(): Promise<void>;
}

interface Cut {
  bytesLeft: number;
  done(): void;
}

interface Connection {
  readonly client: Socket;
  readonly server: Socket;
}

const MAX_TRIES = 10;

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const connections = new Set<Connection>();
  const isStalled = { up: false, down: false };
  const cuts: { up: Cut | undefined; down: Cut | undefined } = { up: undefined, down: undefined };

  const reset = ({ client, server }: Connection): void => {
    for (const socket of [client, server]) {
      // One that has said goodbye can't be reset any more: Node would fail and never close it.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  };

  const pump = (from: Socket, to: Socket, direction: ProxyDirection, connection: Connection): void => {
    from.on('data', (chunk: Buffer) => {
      const cut = cuts[direction];
      if (cut && chunk.length > cut.bytesLeft) {
        cuts[direction] = undefined;
        to.write(chunk.subarray(0, cut.bytesLeft), () => reset(connection));
        from.pause();
        cut.done();
        return;
      }
      if (cut) cut.bytesLeft -= chunk.length;
      if (!to.write(chunk)) from.pause();
    });
    to.on('drain', () => {
      if (!isStalled[direction]) from.resume();
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
    if (isStalled[direction]) from.pause();
  };

  const join = (client: Socket): void => {
    const connection = { client, server: connect({ port: targetPort, host: '127.0.0.1' }) };
    connections.add(connection);
    for (const socket of [client, connection.server]) socket.setNoDelay(true);
    pump(client, connection.server, 'up', connection);
    pump(connection.server, client, 'down', connection);
    client.once('close', () => connections.delete(connection));
  };

  let listener: Server | undefined;
  const listen = async (port: number): Promise<void> => {
    const opened = createServer({ allowHalfOpen: true }, join);
    opened.listen(port, '127.0.0.1');
    await once(opened, 'listening');
    listener = opened;
  };
  const refuse = (): Promise<void> => {
    const closing = listener;
    listener = undefined;
    // close() waits for the open connections, but the port is closed at once.
    closing?.close();
    return Promise.resolve();
  };
  const cutAll = (): void => {
    for (const connection of connections) reset(connection);
  };

  const port = await listenOnFreePort(listen);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    connections: () => connections.size,
    cutAll,
    cutAfter: (bytesLeft, direction) =>
      new Promise((done) => {
        cuts[direction] = { bytesLeft, done };
      }),
    stall(direction) {
      for (const each of direction ? [direction] : (['up', 'down'] as const)) {
        isStalled[each] = true;
        for (const connection of connections) connection[each === 'up' ? 'client' : 'server'].pause();
      }
    },
    resume() {
      isStalled.up = isStalled.down = false;
      for (const { client, server } of connections) {
        client.resume();
        server.resume();
      }
    },
    refuse,
    async accept() {
      if (!listener) await listen(port);
    },
    async stop() {
      await refuse();
      cutAll();
    },
  };
}

async function listenOnFreePort(listen: (port: number) => Promise<void>): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      await listen(port);
      return port;
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
    }
  }
}
