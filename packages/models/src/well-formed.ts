/**
 * The same value of JSON without half surrogate pairs, which are left where text was cut within a character: U+FFFD stands for each, in keys
 * as in values, however deep. The JSON of Redis' scripts refuses such a half, and with it all that stands beside it.
 */
export function wellFormed<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toWellFormed(), cleaned(item)]),
  );
}
