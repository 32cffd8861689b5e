import fc from 'fast-check';
import { decodeNotice, encodeNotice, type Notice } from './notice.ts';

describe('a notice', () => {
  it.each<[Notice]>([
    [{ type: 'credit', processor_id: 'p', outstanding: 3 }],
    [{ type: 'registry', processor_id: 'p', change: 'registered' }],
    [{ type: 'outcome', processor_id: 'p', completed: 7, failed: 1, outstanding: 3 }],
    [{ type: 'level', level: 2 }],
    [{ type: 'advice' }],
  ])('%j is read back', (notice) => {
    expect(decodeNotice(encodeNotice(notice))).toEqual(notice);
  });

  it.each(['', '{', 'null', '{"type":"other"}', '{"type":"credit","processor_id":"a b","outstanding":1}'])(
    '%j is none',
    (message) => {
      expect(decodeNotice(message)).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (message) => {
        expect(() => decodeNotice(message)).not.toThrow();
      }),
      { seed: 51 },
    );
  });
});
