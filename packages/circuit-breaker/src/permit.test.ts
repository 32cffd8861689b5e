import fc from 'fast-check';
import { FIRST_ERA, MAX_TOKEN, REFUSED, eraOf, nextEra, permitOf, tokenOf } from './permit.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const MAX_ERA = (1 << 20) - 1;
const era = fc.integer({ min: FIRST_ERA, max: MAX_ERA });

describe('permits', () => {
  it('carry era and token both ways, as small integers', () => {
    fc.assert(
      fc.property(era, fc.nat(MAX_TOKEN), (anEra, token) => {
        const permit = permitOf(anEra, token);
        expect([eraOf(permit), tokenOf(permit)]).toEqual([anEra, token]);
        expect(permit).toBeGreaterThan(REFUSED);
        expect(permit).toBeLessThan(2 ** 30);
      }),
    );
  });

  it('start over after the last era, never at 0', () => {
    expect(nextEra(MAX_ERA)).toBe(FIRST_ERA);
    expect(nextEra(FIRST_ERA)).toBe(FIRST_ERA + 1);
  });
});
