import { select } from './selection.ts';

const names = (args: string[]): string[] => {
  const selection = select(args);
  return selection.kind === 'steps' ? selection.steps.map(({ name }) => name) : [selection.kind];
};

describe('select', () => {
  it('takes every step, the quick ones first', () => {
    expect(names([])).toEqual(['format', 'sync', 'lint', 'build', 'tests', 'main-job']);
  });

  it('takes only what is asked for', () => {
    expect(names(['--only', 'unit,format', '--only', 'redis'])).toEqual(['format', 'unit', 'redis']);
  });

  it('says which steps there are where one is unknown', () => {
    expect(select(['--only', 'speed'])).toEqual({
      kind: 'fault',
      sentence:
        '--only: expected one of format, sync, lint, build, tests, main-job, unit, redis, found "speed"',
    });
  });

  it('finds fault with an option that it does not know', () => {
    expect(names(['--fast'])).toEqual(['fault']);
  });

  it('helps', () => {
    expect(names(['--help'])).toEqual(['help']);
  });
});
