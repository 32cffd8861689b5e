import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { Problem } from './problem.ts';

/** A registration or a list of ids; nothing here needs more. */
export const MAX_BODY_KIB = 256;
/** Deeper than any metadata; without a bound, what writes it as JSON again runs out of stack. */
const MAX_DEPTH = 64;

/** Reads the body as JSON: older clients send it under whatever type their library chooses. */
export const jsonBody: readonly RequestHandler[] = [
  express.json({ limit: `${MAX_BODY_KIB}kb`, type: () => true, strict: false }),
  (request: Request, _response: Response, next: NextFunction): void => {
    if (isDeeperThan(MAX_DEPTH, request.body))
      throw new Problem(400, `The body is nested more than ${MAX_DEPTH} levels deep.`);
    next();
  },
];

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeperThan(levels - 1, item));
}
