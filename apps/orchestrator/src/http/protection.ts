import type { RequestHandler } from 'express';
import { MemoryStore, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { Problem } from './problem.ts';

/**
 * Headers for the browser. Pages run their own scripts only. Styles may be inline, as charts and the page at /docs set them. Nothing
 * here asks for TLS, which whoever terminates it does: served plainly on a private network, the page must still work.
 */
export const securityHeaders: RequestHandler = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      objectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
});

export interface RateLimits {
  readonly handlers: readonly RequestHandler[];
  close(): void;
}

const WINDOW_S = 10;
/** Many processors may stand behind one address, and a heartbeat that is refused ends in a death. */
const HEARTBEATS_FACTOR = 20;
const HEARTBEAT = /\/processors\/heartbeat$/;
/** Probes and scrapes: whoever restarts us because of a 429 makes it worse. */
const EXEMPT = /^(?:\/api\/v1)?\/(?:health(?:\/.*)?|metrics)$/;

/** Bounds what one address may ask for; heartbeats count by themselves. @param perSecond mean over ten seconds */
export function rateLimits(perSecond: number): RateLimits {
  const stores: MemoryStore[] = [];
  const limit = (share: number, applies: (path: string) => boolean): RequestHandler => {
    const store = new MemoryStore();
    stores.push(store);
    return rateLimit({
      windowMs: WINDOW_S * 1000,
      limit: share * WINDOW_S,
      store,
      standardHeaders: 'draft-7',
      legacyHeaders: false,
      // Addresses are told apart by the connection alone: a header can say anything.
      validate: { xForwardedForHeader: false },
      skip: ({ path }) => !applies(path),
      handler(_request, _response, next) {
        next(new Problem(429, `More than ${share} requests a second from one address; ask again later.`));
      },
    });
  };
  const handlers = [
    limit(perSecond, (path) => !EXEMPT.test(path) && !HEARTBEAT.test(path)),
    limit(perSecond * HEARTBEATS_FACTOR, (path) => HEARTBEAT.test(path)),
  ];
  return {
    handlers,
    close() {
      for (const store of stores) store.shutdown();
    },
  };
}
