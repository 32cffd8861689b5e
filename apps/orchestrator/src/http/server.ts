import { timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '@frame-buffer/telemetry';
import express, { type NextFunction, type Request, type Response } from 'express';
import { Problem, problemDocument } from './problem.ts';
import { changesSomething, type Route } from './route.ts';

export interface HttpServerOptions {
  readonly routes: readonly Route[];
  readonly host: string;
  readonly port: number;
  /** Asked for as a bearer token by everything that changes something. */
  readonly apiToken: string | undefined;
  readonly logger: Logger;
}

export interface HttpServer {
  /** `http://host:port`, with the port that it got. */
  readonly url: string;
  close(): Promise<void>;
}

/** A registration or a list of ids; nothing here needs more. */
const MAX_BODY = '256kb';
const PREFIXES = ['', '/api/v1'];

/** Serves the routes, each also under /api/v1. @throws where the port can't be had */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const closing = new AbortController();
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // Older clients send JSON under whatever type their library chooses.
  app.use(express.json({ limit: MAX_BODY, type: () => true, strict: false }));
  for (const route of options.routes) {
    for (const prefix of PREFIXES)
      app[route.method](`${prefix}${route.path}`, serve(route, options.apiToken, closing.signal));
  }
  app.use((request: Request) => {
    throw new Problem(
      404,
      `There is nothing at ${request.method} ${request.path}; /openapi.json lists what there is.`,
    );
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const problem = problemOf(error);
    if (!(error instanceof Problem) && problem.status >= 500)
      options.logger.error(`${request.method} ${request.path} failed`, { error });
    response
      .status(problem.status)
      .type('application/problem+json')
      .send(problemDocument(problem, request.originalUrl));
  });

  const server = createServer(app);
  await listen(server, options.port, options.host);
  const { port, address, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
      }),
  };
}

const CLOSE_GRACE_MS = 1_000;

function serve(
  route: Route,
  apiToken: string | undefined,
  closing: AbortSignal,
): (request: Request, response: Response) => Promise<void> {
  return async (request, response) => {
    if (apiToken !== undefined && changesSomething(route))
      requireToken(request.headers.authorization, apiToken);
    const query: Record<string, string | undefined> = {};
    for (const [name, value] of Object.entries(request.query))
      query[name] = Array.isArray(value) ? String(value[0]) : String(value);
    const params = request.params as Record<string, string>;
    const reply = await route.handle({ params, query, body: request.body });
    const { status, body, contentType, headers = {}, stream } = reply;
    response.status(status).set(headers);
    if (stream) {
      const gone = new AbortController();
      response.once('close', () => gone.abort());
      if (contentType !== undefined) response.type(contentType);
      response.flushHeaders();
      await stream(response, AbortSignal.any([gone.signal, closing]));
      response.end();
    } else if (contentType === undefined) response.json(body ?? {});
    else response.type(contentType).send(body);
  };
}

function requireToken(header: string | undefined, token: string): void {
  const given = Buffer.from(header?.replace(/^Bearer\s+/i, '') ?? '');
  const wanted = Buffer.from(token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new Problem(401, 'This changes something, so it needs the API token as a bearer token.');
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { status, message, type } = error as { status?: number; message?: string; type?: string };
  if (type === 'entity.parse.failed') return new Problem(400, `The body is not JSON: ${message}.`);
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
