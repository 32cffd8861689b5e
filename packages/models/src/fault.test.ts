import * as t from 'io-ts';
import { decodeWith, faultsText, faultText, shown } from './fault.ts';

describe('decodeWith', () => {
  const codec = t.intersection([
    t.type({ id: t.string, list: t.array(t.type({ name: t.string })) }),
    t.partial({ size: t.number }),
  ]);

  it('gives the value', () => {
    const value = { id: 'a', list: [] };
    expect(decodeWith(codec, value)).toEqual({ ok: true, value });
  });

  it('gives every fault with its path, as the sender would write it', () => {
    const decoded = decodeWith(codec, { list: [{ name: 'x' }, { name: 7 }], size: 'big' });
    expect(decoded.ok ? [] : decoded.faults).toEqual([
      { field: 'id', value: 'nothing', expected: 'string' },
      { field: 'list[1].name', value: '7', expected: 'string' },
      { field: 'size', value: '"big"', expected: 'number' },
    ]);
  });

  it('names the whole record where it is none at all, once', () => {
    const decoded = decodeWith(codec, 'text');
    expect(decoded.ok ? [] : decoded.faults).toEqual([
      { field: '(record)', value: '"text"', expected: 'an object' },
    ]);
  });

  it.each<[codec: t.Mixed, words: string]>([
    [t.UnknownRecord, 'an object'],
    [t.record(t.string, t.number), 'an object'],
    [t.array(t.string), 'a list'],
    [t.boolean, 'boolean'],
  ])('says in words what was expected', (field, words) => {
    const decoded = decodeWith(t.type({ field }), { field: 'text' });
    expect(decoded.ok ? [] : decoded.faults).toEqual([{ field: 'field', value: '"text"', expected: words }]);
  });
});

describe('a fault as text', () => {
  const fault = { field: 'width', value: '"x"', expected: 'a number' };

  it('says field, expectation and finding', () => {
    expect(faultText(fault)).toBe('width: expected a number, found "x"');
  });

  it('stands beside the others', () => {
    expect(faultsText([fault, fault])).toBe(
      'width: expected a number, found "x"; width: expected a number, found "x"',
    );
  });
});

describe('shown', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = cyclic;
  let deep: unknown = 0;
  for (let i = 0; i < 200_000; i++) deep = [deep];

  it.each<[value: unknown, text: string]>([
    [undefined, 'nothing'],
    [null, 'null'],
    ['text', '"text"'],
    [{ a: 1 }, '{"a":1}'],
    [NaN, 'null'],
    [10n, 'bigint'],
    [cyclic, 'object'],
  ])('%p is %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it('is never longer than 80 characters', () => {
    expect(shown('x'.repeat(1000))).toHaveLength(80);
  });

  it('survives what is nested deeper than the stack', () => {
    expect(shown(deep).length).toBeLessThanOrEqual(80);
  });
});
