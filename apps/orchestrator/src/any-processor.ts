/**
 * Stands for "any processor" where the name of a capability would: in the names of pools, in metrics and on the page. No capability can
 * be called so; `any` would be one like every other.
 */
export const ANY_PROCESSOR = '(any)';
