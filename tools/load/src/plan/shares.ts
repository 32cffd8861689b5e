/** Names with their shares: `object_detection=3,face_detection=1`. */
export type Shares = readonly (readonly [name: string, share: number])[];

/**
 * Reads `name=share,...`; a name alone has the share 1.
 * @param isName what a name may be
 * @returns undefined for anything else
 */
export function parseShares(text: string, isName: (name: string) => boolean): Shares | undefined {
  const shares: [string, number][] = [];
  for (const part of text.split(',')) {
    const [, name = '', share = '1'] = /^([^=]+?)(?:=(\d+(?:\.\d+)?))?$/.exec(part.trim()) ?? [];
    if (!isName(name) || Number(share) <= 0 || shares.some(([other]) => other === name)) return undefined;
    shares.push([name, Number(share)]);
  }
  return shares;
}

/**
 * The name for each number, by share, evenly spread and without a period that could fall in with that of something else: the
 * fractional parts of the multiples of an irrational number (Weyl's equidistribution).
 * @param step irrational; another one for what must be independent of it
 */
export function picker(shares: Shares, step: number): (number: number) => string {
  const total = shares.reduce((sum, [, share]) => sum + share, 0);
  let upTo = 0;
  const bounds = shares.map(([name, share]) => [name, (upTo += share) / total] as const);
  const last = bounds.at(-1)?.[0] ?? '';
  return (number) => {
    const at = (number * step) % 1;
    return bounds.find(([, bound]) => at < bound)?.[0] ?? last;
  };
}
