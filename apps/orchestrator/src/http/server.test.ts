/** What the server does for every route, whatever the route is. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, silentLogger } from '@frame-buffer/telemetry';
import { until } from '@frame-buffer/testing';
import { type HttpServer, type HttpServerOptions, startHttpServer } from './server.ts';
import { json, type Route } from './route.ts';

const servers: HttpServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const hello = (handle: Route['handle'], more: Partial<Route> = {}): Route => ({
  method: 'get',
  path: '/hello',
  tag: 'observation',
  summary: 'Says hello',
  answers: {},
  handle,
  ...more,
});

async function serving(
  routes: readonly Route[],
  options: Partial<HttpServerOptions> = {},
): Promise<HttpServer> {
  const defaults = { host: '127.0.0.1', port: 0, apiToken: undefined, maxRequestsPerSecond: 1000 };
  const server = await startHttpServer({ ...defaults, logger: silentLogger, routes, ...options });
  servers.push(server);
  return server;
}

describe('a request', () => {
  it('keeps its id, or gets one', async () => {
    const { url } = await serving([hello(() => json({}))]);
    const idOf = async (id?: string) =>
      (await fetch(`${url}/hello`, { headers: id ? { 'x-request-id': id } : {} })).headers.get(
        'x-request-id',
      );
    expect(await idOf('a-1:b')).toBe('a-1:b');
    expect(await idOf()).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf('<script>')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('that fails is named by its id, in its problem document and in the log', async () => {
    const lines: [string, object | undefined][] = [];
    const logger: Logger = { ...silentLogger, error: (message, fields) => lines.push([message, fields]) };
    const fail = hello(() => {
      throw new Error('the secret reason');
    });
    const { url } = await serving([fail], { logger });
    const response = await fetch(`${url}/api/v1/hello?q=1`, { headers: { 'x-request-id': 'r-1' } });
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Internal error',
      status: 500,
      detail: 'Something went wrong here; the log says what.',
      instance: '/api/v1/hello#r-1',
      request_id: 'r-1',
    });
    expect(lines).toMatchObject([['GET /api/v1/hello failed', { request_id: 'r-1' }]]);
  });

  it('of another method hears which there are', async () => {
    const { url } = await serving([hello(() => json({})), hello(() => json({}), { method: 'delete' })]);
    const response = await fetch(`${url}/hello`, { method: 'PUT' });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, DELETE']);
  });

  it('is refused with Retry-After where one address asks too much, but for probes and scrapes', async () => {
    const probe = hello(() => json({}), { path: '/health/live' });
    const beat = hello(() => json({}), { path: '/processors/heartbeat', method: 'post' });
    const { url } = await serving([hello(() => json({})), probe, beat], { maxRequestsPerSecond: 1 });
    const ask = (path: string, method = 'GET') => fetch(url + path, { method });
    for (let i = 0; i < 10; i++) expect((await ask('/hello')).status).toBe(200);
    const refused = await ask('/api/v1/hello');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ status: 429, title: 'Too many requests' });
    expect((await ask('/health/live')).status).toBe(200);
    for (let i = 0; i < 100; i++) expect((await ask('/processors/heartbeat', 'POST')).status).toBe(200);
  });

  it('is told when its work takes too long', async () => {
    const { url } = await serving([hello(() => new Promise(() => {}))], { deadlineMs: 50 });
    const response = await fetch(`${url}/hello`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
  });
});

it('every answer bears headers that keep a browser safe and let the page work', async () => {
  const { url } = await serving([hello(() => json({}))]);
  const { headers } = await fetch(`${url}/hello`);
  const policy = headers.get('content-security-policy');
  for (const part of [
    "default-src 'self'",
    "script-src 'self';",
    "connect-src 'self'",
    "frame-ancestors 'none'",
  ])
    expect(policy).toContain(part);
  // Asked for over plain HTTP, the page must not be sent to TLS that isn't there.
  expect(policy).not.toContain('upgrade-insecure-requests');
  expect(headers.get('strict-transport-security')).toBeNull();
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-powered-by')).toBeNull();
});

describe('close', () => {
  it('finishes what is under way, ends kept connections, and takes no more', async () => {
    const working = Promise.withResolvers<void>();
    const server = await serving([
      hello(async () => {
        await working.promise;
        return json({ done: true });
      }),
      hello(() => json({}), { path: '/quick' }),
    ]);
    const agent = new Agent({ keepAlive: true });
    const ask = (path: string) =>
      new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
        request(server.url + path, { agent }, (response) => {
          response.resume();
          response.on('end', () =>
            resolve({ status: response.statusCode, connection: response.headers.connection }),
          );
        })
          .on('error', reject)
          .end();
      });
    await ask('/quick');
    const slow = ask('/hello');
    await ask('/quick');
    let closed = false;
    const closing = server.close().then(() => (closed = true));
    await expect(fetch(`${server.url}/quick`)).rejects.toThrow('fetch failed');
    expect(closed).toBe(false);
    working.resolve();
    expect(await slow).toMatchObject({ status: 200 });
    const startedMs = performance.now();
    await closing;
    // Well before the connections that the client would keep are cut off.
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    agent.destroy();
    servers.length = 0;
  });

  it('ends streams', async () => {
    let ended = 0;
    const stream = hello(() => ({
      status: 200,
      contentType: 'text/event-stream',
      async stream(out, signal) {
        out.write('data: 1\n\n');
        await sleep(60_000, undefined, { signal }).catch(() => {});
        ended++;
      },
    }));
    const server = await serving([stream]);
    const left = new AbortController();
    await fetch(`${server.url}/hello`, { signal: left.signal });
    left.abort();
    await until(() => ended === 1, { what: 'the stream of a client that left to end' });
    const response = await fetch(`${server.url}/hello`);
    await Promise.all([server.close(), response.text()]);
    expect(ended).toBe(2);
    servers.length = 0;
  });
});
