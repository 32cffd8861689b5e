import type { Writable } from 'node:stream';
import type { JsonSchema } from '@frame-buffer/models';

export interface RouteRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Parsed JSON; undefined where none was sent. */
  readonly body: unknown;
}

export interface RouteReply {
  readonly status: number;
  /** JSON, or text or bytes where `contentType` says so. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the answer bit by bit instead, until it returns; the signal comes when the client has gone or this server ends. */
  readonly stream?: (out: Writable, signal: AbortSignal) => Promise<void>;
}

/** One endpoint: what serves it and what the OpenAPI document says about it stand side by side. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: 'processors' | 'frames' | 'dead letters' | 'control' | 'observation';
  readonly body?: JsonSchema;
  readonly query?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
  /** Status to meaning and schema; problem documents need no schema. */
  readonly answers: Readonly<
    Record<
      number,
      { readonly description: string; readonly schema?: JsonSchema; readonly contentType?: string }
    >
  >;
  /** false: a file of a page, no part of the interface. */
  readonly documented?: boolean;
  handle(request: RouteRequest): Promise<RouteReply> | RouteReply;
}

/** Whatever isn't a reading changes something, and asks for the token where one is set. */
export const changesSomething = (route: Pick<Route, 'method'>): boolean => route.method !== 'get';

export const json = (body: unknown, status = 200): RouteReply => ({ status, body });

export const object = (
  properties: Record<string, JsonSchema>,
  required = Object.keys(properties),
): JsonSchema => ({
  type: 'object',
  properties,
  required,
});
export const arrayOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items });
export const STRING: JsonSchema = { type: 'string' };
export const NUMBER: JsonSchema = { type: 'number' };
export const BOOLEAN: JsonSchema = { type: 'boolean' };
