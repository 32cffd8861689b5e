import type * as t from 'io-ts';

/** One thing that is wrong with an input, in words a person can read. */
export interface Fault {
  /** Path of the field, `metadata.capabilities[1]`, or `(record)` for the whole. */
  readonly field: string;
  /** What was found, shortened. */
  readonly value: string;
  /** What was expected instead. */
  readonly expected: string;
}

export type Decoded<A> =
  { readonly ok: true; readonly value: A } | { readonly ok: false; readonly faults: readonly Fault[] };

const MAX_SHOWN = 80;

/** A value as a person may read it in a log or a problem document: JSON, at most 80 characters. */
export function shown(value: unknown): string {
  const text =
    value === undefined ? 'nothing' : typeof value === 'string' ? JSON.stringify(value) : safeJson(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN - 1)}…`;
}

export function faultText(fault: Fault): string {
  return `${fault.field}: expected ${fault.expected}, found ${fault.value}`;
}

export function faultsText(faults: readonly Fault[]): string {
  return faults.map(faultText).join('; ');
}

/** Decodes with an io-ts codec and turns its errors into faults, all of them at once. */
export function decodeWith<A>(codec: t.Decoder<unknown, A>, input: unknown): Decoded<A> {
  const result = codec.decode(input);
  return result._tag === 'Right'
    ? { ok: true, value: result.right }
    : { ok: false, faults: faultsOf(result.left) };
}

/** io-ts reports one error for each leaf; intersections report a missing field once for each branch, shown once here. */
export function faultsOf(errors: t.Errors): Fault[] {
  const seen = new Map<string, Fault>();
  for (const error of errors) {
    const field = pathOf(error.context);
    const last = error.context[error.context.length - 1];
    const fault = {
      field,
      value: shown(error.value),
      expected: error.message ?? (last ? inWords(last.type) : 'something else'),
    };
    const key = `${fault.field}\u0000${fault.expected}`;
    if (!seen.has(key)) seen.set(key, fault);
  }
  return [...seen.values()];
}

/** What io-ts' combinators are called is code; our own codecs say what they expect. */
function inWords(type: t.Decoder<unknown, unknown>): string {
  switch ((type as { _tag?: string })._tag) {
    case 'InterfaceType':
    case 'PartialType':
    case 'DictionaryType':
    case 'AnyDictionaryType':
      return 'an object';
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return 'a list';
    default:
      return type.name;
  }
}

function pathOf(context: t.Context): string {
  let path = '';
  for (let i = 1; i < context.length; i++) {
    const entry = context[i];
    const parent = context[i - 1];
    if (!entry || !entry.key) continue;
    const parentTag = (parent?.type as { _tag?: string } | undefined)?._tag;
    // The branches of an intersection or a union are numbered, but they are not part of what the sender wrote.
    if (parentTag === 'IntersectionType' || parentTag === 'UnionType') continue;
    path += parentTag === 'ArrayType' ? `[${entry.key}]` : path ? `.${entry.key}` : entry.key;
  }
  return path || '(record)';
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Cyclic, or nested deeper than the stack: its own toString might fail just so.
    return typeof value;
  }
}
