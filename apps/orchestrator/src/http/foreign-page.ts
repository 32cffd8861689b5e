import type { IncomingHttpHeaders } from 'node:http';

/**
 * Whether a page of another origin makes this request in somebody's browser (cross-site request forgery). Browsers tell by
 * Sec-Fetch-Site, and where the address is not a secure one only by Origin; programs send neither.
 */
export function fromForeignPage({ 'sec-fetch-site': site, origin, host }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && hostOf(origin) !== host;
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined;
