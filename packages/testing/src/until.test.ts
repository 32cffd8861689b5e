import { until } from './until.ts';

describe('until', () => {
  it('returns what the condition gave as soon as that is truthy', async () => {
    let calls = 0;
    expect(
      await until(() => (++calls === 3 ? 'third' : undefined), { what: 'the third call', everyMs: 1 }),
    ).toBe('third');
  });

  it('waits for a condition that is a promise', async () => {
    expect(await until(() => Promise.resolve(7), { what: 'seven' })).toBe(7);
  });

  it('throws an error that names what was waited for', async () => {
    await expect(until(() => false, { what: 'the moon', deadlineMs: 5, everyMs: 1 })).rejects.toThrow(
      'waited 5 ms in vain for the moon',
    );
  });

  it('carries the last error of the condition as the cause', async () => {
    const cause = new Error('not yet');
    const waiting = until(() => Promise.reject(cause), { what: 'an answer', deadlineMs: 5, everyMs: 1 });
    await expect(waiting).rejects.toMatchObject({ cause });
  });

  it('goes on where the condition throws before it holds', async () => {
    let calls = 0;
    const condition = (): boolean => {
      if (++calls < 3) throw new Error('not yet');
      return true;
    };
    expect(await until(condition, { what: 'the third call', everyMs: 1 })).toBe(true);
  });
});
