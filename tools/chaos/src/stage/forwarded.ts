import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Forwarded {
  stop(): Promise<void>;
}

/** Lets everyone who connects to a port of this machine reach another one: the address of the primary moves to its heir. */
export async function forwardPort(port: number, targetPort: number): Promise<Forwarded> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ port: targetPort, host: '127.0.0.1' });
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
