import * as fc from 'fast-check';
import { createEntriesParser, type Parsed } from './entries-parser.ts';

type Answer = readonly (readonly [
  stream: string,
  entries: readonly (readonly [id: string, fields: readonly string[] | null])[],
])[];

const bulk = (text: string): string => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const NULL = { 2: '*-1\r\n', 3: '_\r\n' } as const;

/** The answer as Redis writes it in this version of its protocol. */
function written(answer: Answer, version: 2 | 3): Buffer {
  const streams = answer.map(([stream, entries]) => {
    const list = entries.map(
      ([id, fields]) =>
        `*2\r\n${bulk(id)}${fields === null ? NULL[version] : `*${fields.length}\r\n${fields.map(bulk).join('')}`}`,
    );
    return `${version === 2 ? '*2\r\n' : ''}${bulk(stream)}*${entries.length}\r\n${list.join('')}`;
  });
  return Buffer.from(`${version === 2 ? '*' : '%'}${answer.length}\r\n${streams.join('')}`);
}

const expected = (answer: Answer): Parsed => ({
  kind: 'entries',
  batches: answer.map(([stream, entries]) => ({
    stream,
    entries: entries.filter(([, fields]) => fields !== null).map(([id, fields]) => [id, [...(fields ?? [])]]),
  })),
});

/** What comes of bytes that arrive in pieces; every piece but the last must ask for more. */
function parse(pieces: readonly Buffer[], parser = createEntriesParser()): Parsed {
  parser.begin();
  const parsed = pieces.map((piece) => parser.push(piece));
  expect(new Set(parsed.slice(0, -1).map(({ kind }) => kind))).toEqual(
    pieces.length > 1 ? new Set(['more']) : new Set(),
  );
  return parsed.at(-1) as Parsed;
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => 1 + (cut % Math.max(1, bytes.length - 1))))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...places]
    .map((from, i) => bytes.subarray(from, places[i] ?? bytes.length))
    .filter(({ length }) => length > 0);
}

const text = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('', '\r\n', '$3\r\n', 'frame_id', '__proto__'),
);
const entry = fc.tuple(
  fc.string({ minLength: 3, maxLength: 20 }),
  fc.option(
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom('frame_id', 'camera_id', 'size'), text), text), {
        maxLength: 8,
      })
      .map((pairs) => pairs.flat()),
    { freq: 8 },
  ),
);
const answer = fc.array(fc.tuple(text, fc.array(entry, { maxLength: 6 })), { maxLength: 3 });

describe('createEntriesParser', () => {
  it('reads what Redis writes, in both versions of its protocol, wherever the pieces are cut', () => {
    const parser = createEntriesParser();
    fc.assert(
      fc.property(
        answer,
        fc.constantFrom(2 as const, 3 as const),
        fc.array(fc.nat(), { maxLength: 6 }),
        (given, version, cuts) => {
          expect(parse(pieces(written(given, version), cuts), parser)).toEqual(expected(given));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads an answer that comes byte by byte', () => {
    const given: Answer = [
      [
        'frames:metadata',
        [
          ['1-0', ['frame_id', 'ä€😀', 'camera_id', 'a camera with a long name']],
          ['1-1', null],
        ],
      ],
    ];
    const bytes = written(given, 3);
    expect(parse(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(expected(given));
  });

  it.each(['*-1\r\n', '_\r\n', '*0\r\n', '%0\r\n'])('takes %j for nothing', (answered) => {
    expect(parse([Buffer.from(answered)])).toEqual({ kind: 'entries', batches: [] });
  });

  it('knows an error when all of it has come, also after a longer answer', () => {
    const parser = createEntriesParser();
    const pieces = [Buffer.from('-NOGROUP No such'), Buffer.from(' key\r'), Buffer.from('\n')];
    expect(parse(pieces, parser)).toEqual({ kind: 'error' });
    const longer: Answer = [['frames:metadata', [['1-0', ['frame_id', 'f'.repeat(100)]]]]];
    expect(parse([written(longer, 3)], parser)).toEqual(expected(longer));
    expect(parse(pieces, parser)).toEqual({ kind: 'error' });
  });

  it.each([
    ['a number', ':1\r\n'],
    ['a text', '+OK\r\n'],
    ['another shape', '*1\r\n$1\r\na\r\n'],
    ['a length that is none', '*1x\r\n'],
    ['more than one answer', '*0\r\n*0\r\n'],
    ['something after an error', '-ERR no\r\n*0\r\n'],
    ['a name that is nil', '*1\r\n*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*2\r\n$-1\r\n$1\r\nv\r\n'],
  ])('refuses %s', (_what, answered) => {
    expect(parse([Buffer.from(answered)])).toEqual({ kind: 'foreign' });
  });

  it('takes answers of any size', () => {
    const given: Answer = [
      [
        's',
        Array.from({ length: 3 }, (_none, i): readonly [string, string[]] => [
          `1-${i}`,
          ['pixels', 'x'.repeat(700_000)],
        ]),
      ],
    ];
    const bytes = written(given, 3);
    const cuts = Array.from({ length: 40 }, (_none, i) => i * 65_536);
    expect(parse(pieces(bytes, cuts))).toEqual(expected(given));
  });
});
