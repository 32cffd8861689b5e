import { type Environment, readSettings } from './settings.ts';

/** What a reading gives, with the faults it left. */
function read<T>(
  env: Environment,
  reading: (settings: ReturnType<typeof readSettings>) => T,
): [T, readonly string[]] {
  const settings = readSettings(env);
  return [reading(settings), settings.faults()];
}

describe('readSettings', () => {
  it('takes what is empty, or only spaces, for not set', () => {
    expect(read({ A: '', B: '  ' }, (from) => [from.text('A'), from.text('B'), from.text('C')])).toEqual([
      [undefined, undefined, undefined],
      [],
    ]);
  });

  it('trims texts', () => {
    expect(read({ A: ' x ' }, (from) => from.text('A'))).toEqual(['x', []]);
  });

  it.each<[given: string | undefined, figure: number, faults: string[]]>([
    [undefined, 8002, []],
    ['9000', 9000, []],
    ['0', 8002, ['PORT: expected a whole number from 1 to 65535, found "0"']],
    ['1.5', 8002, ['PORT: expected a whole number from 1 to 65535, found "1.5"']],
    ['many', 8002, ['PORT: expected a whole number from 1 to 65535, found "many"']],
  ])('reads the number %p as %i', (given, figure, faults) => {
    const bounds = { minimum: 1, maximum: 65_535 };
    expect(read({ PORT: given }, (from) => from.number('PORT', 8002, bounds))).toEqual([figure, faults]);
  });

  it('reads fractions where they are allowed', () => {
    const bounds = { minimum: 0, maximum: 1, whole: false };
    expect(read({ RATIO: '0.25' }, (from) => from.number('RATIO', 1, bounds))).toEqual([0.25, []]);
  });

  it('forgives upper case and hyphens in a choice', () => {
    const values = ['least_loaded', 'affinity'] as const;
    expect(read({ S: 'Least-Loaded' }, (from) => from.choice('S', 'affinity', values))).toEqual([
      'least_loaded',
      [],
    ]);
    expect(read({ S: 'best' }, (from) => from.choice('S', 'affinity', values))).toEqual([
      'affinity',
      ['S: expected one of least_loaded, affinity, found "best"'],
    ]);
  });

  it('reads flags', () => {
    expect(read({ F: 'TRUE' }, (from) => from.flag('F', false))).toEqual([true, []]);
    expect(read({}, (from) => from.flag('F', true))).toEqual([true, []]);
    expect(read({ F: 'perhaps' }, (from) => from.flag('F', false))[1]).toHaveLength(1);
  });

  it.each<[env: Environment, url: string]>([
    [{}, 'redis://127.0.0.1:6379'],
    [{ REDIS_HOST: 'db' }, 'redis://db:6379'],
    [{ REDIS_HOST: 'db', REDIS_PORT: '7000' }, 'redis://db:7000'],
    [{ REDIS_URL: 'rediss://u:p@db:1/2', REDIS_HOST: 'other' }, 'rediss://u:p@db:1/2'],
  ])('finds Redis by %j', (env, url) => {
    expect(read(env, (from) => from.redisUrl())).toEqual([url, []]);
  });

  it('shows no value that may be a secret', () => {
    const [, faults] = read({ REDIS_URL: 'http://u:hunter2@db' }, (from) => from.redisUrl());
    expect(faults).toEqual([
      'REDIS_URL: expected an address that starts with redis://, rediss://, redis-sentinel:// or redis-cluster://, complete, found something else',
    ]);
  });

  it('collects every fault', () => {
    const [, faults] = read({ A: 'x', B: 'y', C: 'z' }, (from) => {
      from.number('A', 0, { minimum: 0, maximum: 1 });
      from.choice('B', 'p', ['p', 'q']);
      from.matching('C', 'a vowel', (value) => 'aeiou'.includes(value));
    });
    expect(faults).toEqual([
      'A: expected a whole number from 0 to 1, found "x"',
      'B: expected one of p, q, found "y"',
      'C: expected a vowel, found "z"',
    ]);
  });
});
