import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { maskText, type Logger } from '@frame-buffer/telemetry';
import express, { type NextFunction, type Request, type Response } from 'express';
import { jsonBody, MAX_BODY_KIB } from './json-body.ts';
import { Problem, problemDocument } from './problem.ts';
import { rateLimits, securityHeaders } from './protection.ts';
import { nameRequest, requestIdOf } from './request-id.ts';
import { changesSomething, type Route } from './route.ts';
import { serve } from './serve.ts';

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  readonly host: string;
  readonly port: number;
  /** Asked for as a bearer token by everything that changes something. */
  readonly apiToken: string | undefined;
  /** Requests of one address, on average over some seconds. */
  readonly maxRequestsPerSecond: number;
  /** How long a route may take before its client is told so. */
  readonly deadlineMs?: number;
  readonly logger: Logger;
}

export interface HttpServer {
  /** `http://host:port`, with the port that it got. */
  readonly url: string;
  /** Takes no more connections, finishes the requests that it has, and ends streams and idle connections. */
  close(): Promise<void>;
}

/** While Redis is away commands wait for it; a client is told sooner than that. */
const DEFAULT_DEADLINE_MS = 10_000;
const PREFIXES = ['', '/api/v1'];
/** A client that sends its request byte by byte holds a connection no longer than this. */
const REQUEST_MS = 30_000;
/** Requests that are under way at the end get this long. */
const CLOSE_GRACE_MS = 5_000;

/** Serves the routes, each also under /api/v1. @throws where the port can't be had */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { routes, apiToken, logger, deadlineMs = DEFAULT_DEADLINE_MS } = options;
  const closing = new AbortController();
  const limits = rateLimits(options.maxRequestsPerSecond);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use(nameRequest, securityHeaders, ...limits.handlers);
  for (const route of routes) {
    const handlers = [
      ...(route.body ? jsonBody : []),
      async (request: Request, response: Response) => {
        if (changesSomething(route)) logWhenDone(logger, request, response);
        await serve(request, response, { route, apiToken, deadlineMs, closing: closing.signal });
      },
    ];
    for (const prefix of PREFIXES) app[route.method](`${prefix}${route.path}`, ...handlers);
  }
  for (const [path, methods] of methodsByPath(routes)) {
    const allow = { Allow: methods.join(', ') };
    for (const prefix of PREFIXES) {
      app.all(`${prefix}${path}`, (request: Request) => {
        throw new Problem(
          405,
          `${request.method} is not what ${path} takes; it takes ${allow.Allow}.`,
          [],
          allow,
        );
      });
    }
  }
  app.use((request: Request) => {
    throw new Problem(
      404,
      `There is nothing at ${request.method} ${request.path}; /openapi.json lists what there is.`,
    );
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    const problem = problemOf(error);
    const requestId = requestIdOf(response);
    if (!(error instanceof Problem) && problem.status >= 500)
      logger.error(`${request.method} ${request.path} failed`, { error, request_id: requestId });
    if (response.headersSent) return next(error);
    response
      .status(problem.status)
      .set({ 'Cache-Control': 'no-store', ...problem.headers })
      .type('application/problem+json')
      .send(JSON.stringify(problemDocument(problem, { path: request.path, requestId })));
  });

  const server = createServer({ requestTimeout: REQUEST_MS }, (request, response) => {
    // A connection that is kept alive would outlive its last answer.
    if (closing.signal.aborted) response.setHeader('Connection', 'close');
    response.once('close', () => {
      if (closing.signal.aborted) server.closeIdleConnections();
    });
    app(request, response);
  });
  await listen(server, options.port, options.host);
  const { port, address, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      closing.abort();
      const timer = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      });
      clearTimeout(timer);
      limits.close();
    },
  };
}

/** A line for everything that changed something; heartbeats, which are many, below the usual level. */
function logWhenDone(logger: Logger, request: Request, response: Response): void {
  const startedMs = performance.now();
  response.once('finish', () => {
    const level = request.path.endsWith('/heartbeat') ? 'debug' : 'info';
    logger[level](`${request.method} ${maskText(request.path)} ${response.statusCode}`, {
      request_id: requestIdOf(response),
      duration_ms: Math.round(performance.now() - startedMs),
    });
  });
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  }
  return methods;
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status, message, type } = error as { status?: number; message?: string; type?: string };
  if (type === 'entity.parse.failed') return new Problem(400, `The body is not JSON: ${message}.`);
  if (type === 'entity.too.large')
    return new Problem(413, `The body is larger than ${MAX_BODY_KIB} KiB, the most that is taken.`);
  if (status !== undefined && status >= 400 && status < 500)
    return new Problem(status, `${message ?? 'The request can not be read'}.`);
  return new Problem(500, 'Something went wrong here; the log says what.');
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
