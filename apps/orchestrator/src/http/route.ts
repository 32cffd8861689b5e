import type { Writable } from 'node:stream';
import type { Decoded } from '@frame-buffer/models';
import type * as t from 'io-ts';

export interface RouteRequest<B = unknown, Q = Readonly<Record<string, string | undefined>>> {
  readonly params: Readonly<Record<string, string>>;
  /** Decoded where the route gives a codec, else as sent; undefined where it wasn't sent. */
  readonly query: Q;
  /** Decoded where the route gives a codec. */
  readonly body: B;
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

export interface RouteBody<C extends t.Mixed = t.Mixed> {
  /** In the sentence about its faults: "The registration has 2 faults." */
  readonly what: string;
  readonly codec: C;
  /** Where more is checked than the codec can. */
  readonly decode?: (input: unknown) => Decoded<t.TypeOf<C>>;
}

export type RouteQuery = Readonly<Record<string, { readonly description: string; readonly schema: t.Mixed }>>;

export interface RouteAnswer {
  readonly description: string;
  /** Without one, a status from 400 on is a problem document. */
  readonly schema?: t.Mixed;
  readonly contentType?: string;
}

/** One endpoint: what serves it and what the OpenAPI document says about it stand side by side. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With `:name` for parameters. */
  readonly path: string;
  readonly summary: string;
  readonly tag: 'processors' | 'frames' | 'dead letters' | 'control' | 'observation';
  readonly body?: RouteBody;
  readonly query?: RouteQuery;
  /** Those of its own; what any route may answer (no token, too many requests, ...) is added to the document. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** false: a file of a page, no part of the interface. */
  readonly documented?: boolean;
  handle(request: RouteRequest): Promise<RouteReply> | RouteReply;
}

type QueryOf<Q extends RouteQuery> = {
  readonly [K in keyof Q]: t.TypeOf<Q[K]['schema']> | undefined;
};

interface TypedRoute<C extends t.Mixed, Q extends RouteQuery> extends Omit<
  Route,
  'body' | 'query' | 'handle'
> {
  readonly body?: RouteBody<C>;
  readonly query?: Q;
  handle(request: RouteRequest<t.TypeOf<C>, QueryOf<Q>>): Promise<RouteReply> | RouteReply;
}

/** A route whose handler sees body and query with the types of their codecs. */
export const route = <C extends t.Mixed = t.UnknownC, Q extends RouteQuery = Record<never, never>>(
  typed: TypedRoute<C, Q>,
): Route => typed as unknown as Route;

/** Whatever isn't a reading changes something, and asks for the token where one is set. */
export const changesSomething = ({ method }: Pick<Route, 'method'>): boolean => method !== 'get';

export const json = (body: unknown, status = 200): RouteReply => ({ status, body });
