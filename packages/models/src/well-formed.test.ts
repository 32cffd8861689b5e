import fc from 'fast-check';
import { wellFormed } from './well-formed.ts';

describe('wellFormed', () => {
  it('puts U+FFFD for half a surrogate pair, in keys and values, however deep', () => {
    expect(wellFormed({ a: 'x\ud800', 'b\udc00': [{ c: ['\ud83d', 'whole \u{1f600}'] }] })).toEqual({
      a: 'x\ufffd',
      'b\ufffd': [{ c: ['\ufffd', 'whole \u{1f600}'] }],
    });
  });

  it('leaves everything else as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const cleaned = wellFormed(value);
        expect(cleaned).toEqual(value);
        // In the same order: a registration is compared as text.
        expect(JSON.stringify(cleaned)).toBe(JSON.stringify(value));
      }),
      { seed: 41 },
    );
  });

  it('gives JSON without a half, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: fc.constantFrom('a', '\ud800', '\udc00', '\\') }), (value) => {
        const { text } = JSON.parse(JSON.stringify(wellFormed({ text: value }))) as { text: unknown };
        expect(JSON.stringify(text)).not.toMatch(/(?<!\\)(\\\\)*\\ud[89a-f]/);
      }),
      { seed: 41 },
    );
  });
});
