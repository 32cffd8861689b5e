/** No name of a pool has a space in it. */
const SEPARATOR = ' ';

/** The name of a line that waits: that of its pool, and of its lane where it has one. */
export const lineName = (pool: string, lane: string): string => `${pool}${SEPARATOR}${lane}`;

export function splitLineName(line: string): { readonly pool: string; readonly lane: string | undefined } {
  const at = line.indexOf(SEPARATOR);
  return at < 0
    ? { pool: line, lane: undefined }
    : { pool: line.slice(0, at), lane: line.slice(at + SEPARATOR.length) };
}
