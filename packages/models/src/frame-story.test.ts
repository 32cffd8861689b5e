import { entryId } from './frame-story.ts';

describe('an entry id', () => {
  it.each(['0-1', '1769860800000-0', '1769860800000-10000000000000000000', '1-18446744073709551615'])(
    'has two parts of up to 64 bits: %s',
    (id) => {
      expect(entryId.is(id)).toBe(true);
    },
  );

  it.each(['1', '1-', '-1', '1-1-1', 'a-1', '1-18446744073709551616', '18446744073709551616-0'])(
    'is no other text: %s',
    (id) => {
      expect(entryId.is(id)).toBe(false);
    },
  );
});
