import type { Fault } from '@frame-buffer/models';
import * as t from 'io-ts';

/** An answer that says what went wrong: an RFC 9457 problem document. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    faults: readonly Fault[] = [],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.status = status;
    this.faults = faults;
    this.headers = headers;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Token needed',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Not allowed here',
  409: 'Conflict',
  413: 'Too large',
  422: 'Invalid input',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not available',
};

export const problemCodec = t.intersection([
  t.type({
    type: t.string,
    title: t.string,
    status: t.number,
    detail: t.string,
    /** This one occurrence: the path that was asked for, and the id of the request. */
    instance: t.string,
    request_id: t.string,
  }),
  t.partial({ errors: t.array(t.type({ field: t.string, value: t.string, expected: t.string })) }),
]);

export function problemDocument(
  problem: Problem,
  { path, requestId }: { readonly path: string; readonly requestId: string },
): t.TypeOf<typeof problemCodec> {
  return {
    type: 'about:blank',
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    instance: `${path}#${requestId}`,
    request_id: requestId,
    ...(problem.faults.length > 0 ? { errors: [...problem.faults] } : {}),
  };
}

export const noProcessor = (id: string): Problem =>
  new Problem(404, `There is no processor ${id}; register it first.`);

export const invalid = (what: string, faults: readonly Fault[]): Problem =>
  new Problem(422, `${what} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}.`, faults);
