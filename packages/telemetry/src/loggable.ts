import { MASK, isSecretName, maskText } from './secrets.ts';

/** Deeper, longer or wider than this is no line that anyone reads. */
const MAX_DEPTH = 8;
const MAX_TEXT = 8192;
const MAX_ITEMS = 100;

/**
 * A value as it may stand in a log: plain JSON, secrets masked at every depth, errors with message, stack and cause, bounded in
 * depth and length, cycles cut. Never throws, whatever getters or `toJSON` do. The input is not changed.
 */
export function loggable(value: unknown, mask: (text: string) => string = maskText): unknown {
  return plain(value, { mask, depth: 0, above: [] });
}

interface Position {
  readonly mask: (text: string) => string;
  readonly depth: number;
  /** The objects that this value is part of. */
  readonly above: readonly object[];
}

function plain(value: unknown, at: Position): unknown {
  switch (typeof value) {
    case 'string':
      return at.mask(value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'function':
      return undefined;
    case 'object':
      if (value === null) return null;
      if (at.above.includes(value)) return '(circular)';
      if (at.depth >= MAX_DEPTH) return '(too deep)';
      try {
        return plainObject(value, { ...at, depth: at.depth + 1, above: [...at.above, value] });
      } catch {
        return '(unreadable)';
      }
    default:
      return value;
  }
}

/** @param at of what is in it */
function plainObject(value: object, at: Position): unknown {
  if (value instanceof Error) return plainError(value, at);
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  if (value instanceof Set) return plainList([...value], at);
  if (value instanceof Map) return plainFields([...value], at);
  if (Array.isArray(value)) return plainList(value, at);
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === 'function') return plain(toJSON.call(value), at);
  return plainFields(Object.entries(value), at);
}

function plainList(list: readonly unknown[], at: Position): unknown[] {
  const shown = list.slice(0, MAX_ITEMS).map((item) => plain(item, at) ?? null);
  return list.length > MAX_ITEMS ? [...shown, `(${list.length - MAX_ITEMS} more)`] : shown;
}

function plainFields(
  entries: readonly (readonly [unknown, unknown])[],
  at: Position,
): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of entries.slice(0, MAX_ITEMS)) {
    const name = String(key);
    if (value === undefined) continue;
    fields[name] = isSecretName(name) && value !== null ? MASK : plain(value, at);
  }
  if (entries.length > MAX_ITEMS) fields['…'] = `(${entries.length - MAX_ITEMS} more)`;
  return fields;
}

function plainError(error: Error, at: Position): Record<string, unknown> {
  return {
    name: error.name,
    ...plainFields(Object.entries(error), at),
    message: plain(error.message, at),
    ...(error.stack ? { stack: plain(error.stack, at) } : {}),
    ...(error.cause === undefined ? {} : { cause: plain(error.cause, at) }),
  };
}
