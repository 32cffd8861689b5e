/**
 * Leave to make one call: a small integer, so that giving one allocates nothing. It names the era it was given in
 * and, in half-open, the probe. {@link REFUSED} is no leave.
 */
export type Permit = number;

/** What `tryAcquire` gives instead of a permit. Settling it does nothing. */
export const REFUSED = -1;

/** 10 bits for the probe and 20 for the era stay a small integer (30 bits) on every build of V8. */
const TOKEN_BITS = 10;
export const MAX_TOKEN = (1 << TOKEN_BITS) - 1;
const MAX_ERA = (1 << 20) - 1;

/** Eras start at 1, so that no era matches what is no permit at all (`undefined | 0` is era 0). */
export const FIRST_ERA = 1;

/** The token of a call that isn't a probe. */
export const NO_TOKEN = 0;

export function permitOf(era: number, token: number): Permit {
  return (era << TOKEN_BITS) | token;
}

export function eraOf(permit: Permit): number {
  return permit >> TOKEN_BITS;
}

export function tokenOf(permit: Permit): number {
  return permit & MAX_TOKEN;
}

/** Eras come round after a million state changes; a result that late is taken for a current one. */
export function nextEra(era: number): number {
  return era === MAX_ERA ? FIRST_ERA : era + 1;
}
