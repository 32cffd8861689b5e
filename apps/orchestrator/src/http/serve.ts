import { timingSafeEqual } from 'node:crypto';
import { type Decoded, decodeWith, type Fault, shown } from '@frame-buffer/models';
import type { Request, Response } from 'express';
import { fromForeignPage } from './foreign-page.ts';
import { invalid, Problem } from './problem.ts';
import { changesSomething, type Route, type RouteReply, type RouteRequest } from './route.ts';

const FOREIGN =
  'A page of another origin asks for this, and changes something. Where that is meant, set API_TOKEN, and let it send the token.';

export interface ServeOptions {
  readonly route: Route;
  readonly apiToken: string | undefined;
  readonly deadlineMs: number;
  /** This server ends: streams must too. */
  readonly closing: AbortSignal;
}

/** Token, input, handler, answer. */
export async function serve(
  request: Request,
  response: Response,
  { route, apiToken, deadlineMs, closing }: ServeOptions,
): Promise<void> {
  if (changesSomething(route)) {
    if (apiToken !== undefined) requireToken(request, apiToken);
    else if (fromForeignPage(request.headers)) throw new Problem(403, FOREIGN);
  }
  const input = { params: request.params as Record<string, string>, ...decoded(route, request) };
  const reply = await withinMs(deadlineMs, route.handle(input as RouteRequest));
  await send(reply, response, closing);
}

function requireToken(request: Request, token: string): void {
  const given = Buffer.from(request.headers.authorization?.replace(/^Bearer\s+/i, '') ?? '');
  const wanted = Buffer.from(token);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    const sentence = 'This changes something, so it needs the API token as a bearer token.';
    throw new Problem(401, sentence, [], { 'WWW-Authenticate': 'Bearer' });
  }
}

/** @throws Problem 422 with every fault of query and body */
function decoded(route: Route, request: Request): { query: Record<string, unknown>; body: unknown } {
  const faults: Fault[] = [];
  const query: Record<string, unknown> = {};
  for (const [name, sent] of Object.entries(request.query)) query[name] = String([sent].flat()[0]);
  for (const [name, { schema }] of Object.entries(route.query ?? {})) {
    if (query[name] === undefined) continue;
    const outcome = decodeWith(schema, query[name]);
    if (outcome.ok) query[name] = outcome.value;
    else faults.push({ field: name, value: shown(query[name]), expected: schema.name });
  }
  if (faults.length > 0) throw invalid('The query', faults);
  if (!route.body) return { query, body: undefined };
  const { what, codec, decode = (input: unknown): Decoded<unknown> => decodeWith(codec, input) } = route.body;
  const outcome = decode(request.body as unknown);
  if (!outcome.ok) throw invalid(what, outcome.faults);
  return { query, body: outcome.value };
}

async function withinMs(deadlineMs: number, work: Promise<RouteReply> | RouteReply): Promise<RouteReply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const sentence = `This took longer than ${deadlineMs / 1000} s: Redis may be away. What was asked for may still happen when it is back.`;
      reject(new Problem(503, sentence, [], { 'Retry-After': '5' }));
    }, deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function send(reply: RouteReply, response: Response, closing: AbortSignal): Promise<void> {
  const { status, body, contentType, headers = {}, stream } = reply;
  // A figure of a moment ago must not be shown as one of now; files say for themselves how long they keep.
  response.set({ 'Cache-Control': 'no-store', ...headers }).status(status);
  if (contentType !== undefined) response.type(contentType);
  if (stream) {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.flushHeaders();
    await stream(response, AbortSignal.any([gone.signal, closing]));
    response.end();
  } else if (contentType === undefined) {
    response.json(body ?? {});
  } else {
    response.send(body);
  }
}
