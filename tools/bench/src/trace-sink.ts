import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OTLP receiver that takes everything and keeps nothing, so that the orchestrator really exports its spans. */
export interface TraceSink {
  readonly url: string;
  close(): Promise<void>;
}

export async function startTraceSink(): Promise<TraceSink> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
