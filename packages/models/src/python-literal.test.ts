import fc from 'fast-check';
import { parsePythonLiteral } from './python-literal.ts';

describe('parsePythonLiteral', () => {
  it.each<[source: string, value: unknown]>([
    ["{'detection_type': 'face'}", { detection_type: 'face' }],
    ["{'a': True, 'b': False, 'c': None}", { a: true, b: false, c: null }],
    ["{'n': -1, 'f': 0.5, 'e': 1e-05}", { n: -1, f: 0.5, e: 1e-5 }],
    ['["a", \'b\']', ['a', 'b']],
    ["('a', 'b')", ['a', 'b']],
    ["('a',)", ['a']],
    ['()', []],
    ['{}', {}],
    ["{1: 'x', None: 'y'}", { 1: 'x', null: 'y' }],
    ["{'it': \"it's\"}", { it: "it's" }],
    [
      String.raw`{'p': 'C:\\tmp\n', 'u': '\u00e9\x41\U0001f600', 'q': '\''}`,
      { p: 'C:\\tmp\n', u: 'éA😀', q: "'" },
    ],
    [String.raw`'\d'`, String.raw`\d`],
    [' [ 1 , 2 ] ', [1, 2]],
    ["{'box': {'x': [1, (2, 3)]}}", { box: { x: [1, [2, 3]] } }],
  ])('%s', (source, value) => {
    expect(parsePythonLiteral(source)).toEqual(value);
  });

  it.each([
    '',
    '{',
    "{'a'}",
    "{'a': }",
    "{'a' 1}",
    '[1 2]',
    '[,]',
    "'open",
    "'\\",
    "'\\x'",
    "'\\uzzzz'",
    "'\\U00ffffff'",
    'nan',
    'true',
    "{'a': nan}",
    "{'at': datetime.datetime(2026, 1, 1)}",
    '__import__("os")',
    '{} {}',
    "{{'toString': 1}: 2}",
    '{[1]: 2}',
    '1.2.3',
    '12ab',
  ])('%j is none', (source) => {
    expect(parsePythonLiteral(source)).toBeUndefined();
  });

  it('does not read what is nested deeper than any record', () => {
    expect(parsePythonLiteral('['.repeat(64) + ']'.repeat(64))).toBeDefined();
    expect(parsePythonLiteral('['.repeat(65) + ']'.repeat(65))).toBeUndefined();
    expect(parsePythonLiteral('['.repeat(1_000_000))).toBeUndefined();
  });

  it('sets no prototype', () => {
    const value = parsePythonLiteral("{'__proto__': {'admin': True}}") as { admin?: boolean };
    expect(value.admin).toBeUndefined();
  });

  it('never throws', () => {
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...'{}[]():,\'"\\ xuU01.-e', 'True', 'None')).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (source) => {
        expect(() => parsePythonLiteral(source)).not.toThrow();
      }),
      { seed: 21, numRuns: 2000 },
    );
  });

  it('reads back what Python would write', () => {
    const python = (value: unknown): string => {
      if (value === null) return 'None';
      if (value === true) return 'True';
      if (value === false) return 'False';
      if (typeof value === 'string') return `'${value.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
      if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`;
      if (typeof value === 'object') {
        const pairs = Object.entries(value as object).map(([key, item]) => `${python(key)}: ${python(item)}`);
        return `{${pairs.join(', ')}}`;
      }
      return String(value);
    };
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.integer(),
        fc.string(),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }));
    fc.assert(
      fc.property(value, (original) => {
        expect(parsePythonLiteral(python(original))).toEqual(original);
      }),
      { seed: 22, numRuns: 500 },
    );
  });
});
