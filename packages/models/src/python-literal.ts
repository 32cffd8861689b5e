/**
 * Older publishers write nested values with Python's `str()`: `{'zone': 'door', 'armed': True, 'note': None}`.
 * This reads such literals (dict, list, tuple, str, int, float, True, False, None) into what JSON.parse would give.
 * @returns undefined where the text is no such literal.
 */
export function parsePythonLiteral(source: string): unknown {
  const state = { source, at: 0, depth: 0 };
  try {
    const value = readValue(state);
    skipSpace(state);
    return state.at === source.length ? value : undefined;
  } catch (error) {
    if (error instanceof NotALiteral) return undefined;
    throw error;
  }
}

interface State {
  readonly source: string;
  at: number;
  depth: number;
}

class NotALiteral extends Error {}

/** Deeper than any real record, shallower than the stack. */
const MAX_DEPTH = 64;
const SCALAR = /(?:True|False|None|-?\d+(?:\.\d*)?(?:e[+-]?\d+)?)(?![\w.])/iy;
const NAMED: Record<string, boolean | null> = { True: true, False: false, None: null };
const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', "'": "'", '"': '"' };

function readValue(state: State): unknown {
  skipSpace(state);
  const char = state.source[state.at];
  if (char === '{') return Object.fromEntries(readItems(state, '}', readPair));
  if (char === '[') return readItems(state, ']', readValue);
  if (char === '(') return readItems(state, ')', readValue);
  if (char === "'" || char === '"') return readString(state);
  SCALAR.lastIndex = state.at;
  const word = SCALAR.exec(state.source)?.[0];
  if (word === undefined) throw new NotALiteral();
  state.at += word.length;
  const named = NAMED[word];
  if (named !== undefined) return named;
  const number = Number(word);
  if (!Number.isFinite(number)) throw new NotALiteral();
  return number;
}

function readItems<T>(state: State, end: string, readItem: (state: State) => T): T[] {
  const items: T[] = [];
  if (++state.depth > MAX_DEPTH) throw new NotALiteral();
  state.at++;
  for (;;) {
    skipSpace(state);
    if (state.source[state.at] === end) {
      state.at++;
      state.depth--;
      return items;
    }
    items.push(readItem(state));
    skipSpace(state);
    const next = state.source[state.at];
    if (next === ',') state.at++;
    else if (next !== end) throw new NotALiteral();
  }
}

function readPair(state: State): [string, unknown] {
  const key = readValue(state);
  // JSON has no other keys; and an object made by others must not be asked for its toString.
  if (typeof key === 'object' && key !== null) throw new NotALiteral();
  skipSpace(state);
  if (state.source[state.at++] !== ':') throw new NotALiteral();
  return [String(key), readValue(state)];
}

function readString(state: State): string {
  const quote = state.source[state.at++];
  let text = '';
  for (;;) {
    const char = state.source[state.at++];
    if (char === undefined) throw new NotALiteral();
    if (char === quote) return text;
    if (char !== '\\') {
      text += char;
      continue;
    }
    const escape = state.source[state.at++] ?? '';
    const digits = { x: 2, u: 4, U: 8 }[escape];
    if (digits === undefined) {
      text += ESCAPES[escape] ?? `\\${escape}`;
      continue;
    }
    const code = Number.parseInt(state.source.slice(state.at, state.at + digits), 16);
    if (!(code <= 0x10ffff)) throw new NotALiteral();
    text += String.fromCodePoint(code);
    state.at += digits;
  }
}

function skipSpace(state: State): void {
  while (state.source[state.at] === ' ') state.at++;
}
