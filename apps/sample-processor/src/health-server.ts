import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthServerOptions {
  readonly port: number;
  readonly host: string;
  /** Whether it is registered and connected to Redis. */
  readonly ready: () => boolean;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** `/health` for probes and `/metrics` for Prometheus. @throws where the port can't be had */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { port, host, ready, metrics } = options;

  async function answer(path: string | undefined, response: ServerResponse): Promise<void> {
    if (path === '/health') {
      const isReady = ready();
      response.writeHead(isReady ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: isReady ? 'ok' : 'not ready' }));
    } else if (path === '/metrics') {
      const text = await metrics.text();
      response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
    } else {
      response.writeHead(404).end();
    }
  }

  const server = createServer((request, response) => {
    answer(request.url?.split('?')[0], response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
