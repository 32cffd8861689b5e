/** Options complete with their defaults; one that is given as undefined counts as not given. */
export function withDefaults<T extends object>(defaults: T, given: Partial<T>): T {
  const complete = { ...defaults };
  for (const name of Object.keys(given) as (keyof T)[]) {
    if (given[name] !== undefined) complete[name] = given[name] as T[keyof T];
  }
  return complete;
}
