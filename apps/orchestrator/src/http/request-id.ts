import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

export const REQUEST_ID_HEADER = 'X-Request-Id';

/** What may stand in a log, a header and the fragment of an address as it is. */
const ACCEPTED = /^[A-Za-z0-9._:-]{1,128}$/;

/** Every request bears an id, the client's own or a new one, which its answer, its problem document and its log lines name. */
export function nameRequest(request: Request, response: Response, next: NextFunction): void {
  const given = request.get(REQUEST_ID_HEADER);
  response.set(REQUEST_ID_HEADER, given !== undefined && ACCEPTED.test(given) ? given : randomUUID());
  next();
}

export const requestIdOf = (response: Response): string => String(response.getHeader(REQUEST_ID_HEADER));
