import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The one address under which processors reach the orchestrators: a load balancer with health checks, as deployments have one. */
export interface Front {
  readonly url: string;
  /** A backend that connections may go to, until its signal. */
  add(port: number, gone: AbortSignal): void;
  stop(): void;
}

interface Backend {
  readonly port: number;
  readonly gone: AbortSignal;
  readonly sockets: Set<Socket>;
  isUp: boolean;
}

const CHECK_EVERY_MS = 300;
/** A stopped process accepts connections and never answers: it is taken out after this long. */
const ANSWERS_WITHIN_MS = 1_000;

export async function startFront(): Promise<Front> {
  const backends = new Set<Backend>();
  const stopped = new AbortController();
  let turn = 0;

  const server = createServer((client) => {
    const up = [...backends].filter(({ isUp }) => isUp);
    const backend = up[turn++ % Math.max(up.length, 1)];
    client.on('error', () => client.destroy());
    if (!backend) return void client.destroy();
    const upstream = connect({ port: backend.port, host: '127.0.0.1' });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      backend.sockets.delete(client);
      client.destroy();
    });
    backend.sockets.add(client);
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function close(backend: Backend): void {
    backend.isUp = false;
    for (const socket of backend.sockets) socket.destroy();
  }

  async function check(backend: Backend): Promise<void> {
    const signal = AbortSignal.any([backend.gone, stopped.signal]);
    while (!signal.aborted) {
      backend.isUp = await answers(backend.port, signal);
      if (!backend.isUp) close(backend);
      await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
    close(backend);
    backends.delete(backend);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add(port, gone) {
      const backend = { port, gone, sockets: new Set<Socket>(), isUp: true };
      backends.add(backend);
      void check(backend);
    },
    stop() {
      stopped.abort();
      server.close();
      for (const backend of backends) close(backend);
    },
  };
}

async function answers(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWERS_WITHIN_MS)]);
    const response = await fetch(`http://127.0.0.1:${port}/health/live`, {
      signal: limit,
      headers: { connection: 'close' },
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
