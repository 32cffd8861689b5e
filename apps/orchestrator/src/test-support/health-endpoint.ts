import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The health endpoint of a processor, which answers what it is told to. */
export interface HealthEndpoint {
  readonly url: string;
  /** undefined: it doesn't answer at all. */
  status: number | undefined;
  /** Probes so far. */
  readonly asked: number;
  close(): void;
}

export async function openHealthEndpoint(): Promise<HealthEndpoint> {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    if (endpoint.status !== undefined) response.writeHead(endpoint.status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint: HealthEndpoint = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`,
    status: 200,
    get asked() {
      return asked;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
  return endpoint;
}
