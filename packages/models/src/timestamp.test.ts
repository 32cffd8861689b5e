import fc from 'fast-check';
import { parseTimestamp } from './timestamp.ts';

describe('parseTimestamp', () => {
  it.each<[source: string, iso: string]>([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00.5+01:00', '2026-01-31T11:00:00.500Z'],
    ['2026-01-31T12:00:00-0530', '2026-01-31T17:30:00.000Z'],
    ['2026-01-31 12:00:00.123456', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00.123456+00:00', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31T12:00:00,25Z', '2026-01-31T12:00:00.250Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['1769860800', '2026-01-31T12:00:00.000Z'],
    ['1769860800.5', '2026-01-31T12:00:00.500Z'],
    ['1.7698608005e9', '2026-01-31T12:00:00.500Z'],
    ['1769860800123', '2026-01-31T12:00:00.123Z'],
    ['0', '1970-01-01T00:00:00.000Z'],
  ])('%s is %s', (source, iso) => {
    expect(new Date(parseTimestamp(source) ?? NaN).toISOString()).toBe(iso);
  });

  it.each([
    '',
    'now',
    '2026-02-30T00:00:00Z',
    '2026-04-31 00:00:00',
    '2026-01-31T25:00:00Z',
    '2026-01-31',
    '31.01.2026 12:00',
    '-5',
    'Infinity',
    '1769860800123456',
  ])('%j is none', (source) => {
    expect(parseTimestamp(source)).toBeUndefined();
  });

  it('of an ISO date gives what Date gives', () => {
    const date = fc.date({
      min: new Date(0),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (when) => {
        expect(parseTimestamp(when.toISOString())).toBe(when.getTime());
        expect(parseTimestamp(when.toISOString().replace('T', ' ').replace('Z', ''))).toBe(when.getTime());
      }),
      { seed: 11 },
    );
  });

  it.each([
    '2026-02-30T12:00:00.000Z',
    '2026-13-01T12:00:00.000Z',
    '2026-01-31T25:00:00.000Z',
    '2026-01-31T12:60:00.000Z',
    '2026-01-31T12:00:61.000Z',
    '2026-01-31T12:00:00.0x0Z',
    '2026-01-31T1 :00:00.000Z',
    '2026-01-31T12:00:00;000Z',
    '    -01-31T12:00:00.000Z',
  ])('refuses %s, also when the day before it was sound', (source) => {
    expect(parseTimestamp('2026-01-31T12:00:00.000Z')).toBeDefined();
    expect(parseTimestamp(source)).toBeUndefined();
  });
});
