import { MASK, isSecretName, maskText } from './secrets.ts';

/** Deeper, longer or wider than this is no line that anyone reads. */
const MAX_DEPTH = 8;
const MAX_TEXT = 8192;
const MAX_ITEMS = 100;

/**
 * A value as it may stand in a log: plain JSON, secrets masked at every depth, errors with message, stack and cause, bounded in
 * depth and length, cycles cut. Never throws, whatever getters or `toJSON` do. The input is not changed.
 */
export function loggable(value: unknown): unknown {
  return plain(value, 0, []);
}

function plain(value: unknown, depth: number, above: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
      return maskText(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'function':
      return undefined;
    case 'object':
      if (value === null) return null;
      if (above.includes(value)) return '(circular)';
      if (depth >= MAX_DEPTH) return '(too deep)';
      try {
        return plainObject(value, depth, [...above, value]);
      } catch {
        return '(unreadable)';
      }
    default:
      return value;
  }
}

function plainObject(value: object, depth: number, above: readonly object[]): unknown {
  if (value instanceof Error) return plainError(value, depth, above);
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (value instanceof Set) return plainList([...value], depth, above);
  if (value instanceof Map) return plainFields([...value], depth, above);
  if (Array.isArray(value)) return plainList(value, depth, above);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plain(toJSON.call(value), depth + 1, above);
  return plainFields(Object.entries(value), depth, above);
}

function plainList(list: readonly unknown[], depth: number, above: readonly object[]): unknown[] {
  const shown = list.slice(0, MAX_ITEMS).map((item) => plain(item, depth + 1, above) ?? null);
  return list.length > MAX_ITEMS ? [...shown, `(${list.length - MAX_ITEMS} more)`] : shown;
}

function plainFields(
  entries: readonly (readonly [unknown, unknown])[],
  depth: number,
  above: readonly object[],
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of entries.slice(0, MAX_ITEMS)) {
    const name = String(key);
    if (value === undefined) continue;
    fields[name] = isSecretName(name) && value !== null ? MASK : plain(value, depth + 1, above);
  }
  if (entries.length > MAX_ITEMS) fields['…'] = `(${entries.length - MAX_ITEMS} more)`;
  return fields;
}

function plainError(error: Error, depth: number, above: readonly object[]): Record<string, unknown> {
  return {
    name: error.name,
    ...plainFields(Object.entries(error), depth, above),
    message: plain(error.message, depth + 1, above),
    ...(error.stack ? { stack: plain(error.stack, depth + 1, above) } : {}),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, depth + 1, above) }),
  };
}
