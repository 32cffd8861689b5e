import fc from 'fast-check';
import { loggable } from './loggable.ts';

describe('loggable', () => {
  it('masks secrets at every depth', () => {
    expect(
      loggable({
        redis: { url: 'redis://u:p1234@h', options: [{ password: 'x', db: 0 }] },
        token: { any: 1 },
      }),
    ).toEqual({ redis: { url: 'redis://u:***@h', options: [{ password: '***', db: 0 }] }, token: '***' });
  });

  it('does not change what it was given', () => {
    const fields = { auth: { password: 'x' } };
    loggable(fields);
    expect(fields).toEqual({ auth: { password: 'x' } });
  });

  it('shows an error with its message, code and causes, masked', () => {
    const cause = Object.assign(new Error('connect redis://u:hunter2@h'), { code: 'ECONNREFUSED' });
    const shown = loggable({ error: new Error('no Redis', { cause }) });
    expect(shown).toMatchObject({
      error: {
        name: 'Error',
        message: 'no Redis',
        stack: expect.stringContaining('loggable.test'),
        cause: { message: 'connect redis://u:***@h', code: 'ECONNREFUSED' },
      },
    });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
  });

  it('cuts cycles', () => {
    const fields: Record<string, unknown> = { a: 1 };
    fields['self'] = fields;
    expect(loggable(fields)).toEqual({ a: 1, self: '(circular)' });
  });

  it('shows the same object twice where it is no cycle', () => {
    const point = { x: 1 };
    expect(loggable({ a: point, b: point })).toEqual({ a: { x: 1 }, b: { x: 1 } });
  });

  it('bounds lists, texts, bytes and depth', () => {
    let deep: unknown = 'x';
    for (let i = 0; i < 20; i++) deep = { deep };
    const shown = loggable({
      list: Array.from({ length: 150 }, (_, i) => i),
      text: 'a'.repeat(10_000),
      jpeg: Buffer.alloc(5000),
      deep,
    }) as { list: unknown[]; text: string; jpeg: string };
    expect(shown.list).toHaveLength(101);
    expect(shown.list[100]).toBe('(50 more)');
    expect(shown.text).toHaveLength(8193);
    expect(shown.jpeg).toBe('(5000 bytes)');
    expect(JSON.stringify(shown)).toContain('(too deep)');
  });

  it('keeps what JSON has no word for: NaN, big integers, dates, maps, sets', () => {
    expect(
      loggable({ nan: NaN, big: 10n, at: new Date(0), map: new Map([['a', 1]]), set: new Set([1]) }),
    ).toEqual({ nan: 'NaN', big: '10', at: '1970-01-01T00:00:00.000Z', map: { a: 1 }, set: [1] });
  });

  it('survives getters and toJSON that throw', () => {
    const hostile = {
      get a(): never {
        throw new Error('no');
      },
    };
    const json = {
      toJSON(): never {
        throw new Error('no');
      },
    };
    expect(loggable({ hostile, json })).toEqual({ hostile: '(unreadable)', json: '(unreadable)' });
  });

  it('gives JSON for anything, and never throws', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }),
        (value) => {
          expect(typeof JSON.stringify({ value: loggable(value) })).toBe('string');
        },
      ),
      { seed: 2, numRuns: 500 },
    );
  });
});
