import { parseOptions } from './options.ts';
import { SCENARIOS } from './scenarios.ts';

const FRESH = 42;
const parse = (...argv: string[]) => parseOptions(argv, FRESH);

describe('parseOptions', () => {
  it('runs every scenario once with a fresh seed', () => {
    expect(parse()).toEqual({
      kind: 'options',
      options: { scenarios: SCENARIOS, forMs: undefined, seed: FRESH, json: false },
    });
  });

  it('takes a time, a seed, names and --json', () => {
    const parsed = parse(
      '--for',
      '60s',
      '--seed',
      '7',
      '--only',
      'kill-redis',
      '--only',
      'cut-links',
      '--json',
    );
    expect(parsed).toMatchObject({ kind: 'options', options: { forMs: 60_000, seed: 7, json: true } });
    const names = parsed.kind === 'options' ? parsed.options.scenarios.map(({ name }) => name) : [];
    expect(names).toEqual(['kill-redis', 'cut-links']);
  });

  it('shows the scenarios with --help', () => {
    const parsed = parse('--help');
    expect(parsed.kind).toBe('help');
    for (const { name } of SCENARIOS) expect(parsed).toHaveProperty('text', expect.stringContaining(name));
  });

  it.each([
    ['--for', 'soon'],
    ['--for', '0s'],
    ['--seed', '-1'],
    ['--seed', '1.5'],
    ['--seed', ''],
    ['--only', 'nothing-of-that-name'],
    ['--whatever'],
    ['kill-redis'],
  ])('finds fault with %s %s', (...argv) => {
    expect(parse(...argv).kind).toBe('fault');
  });
});

describe('SCENARIOS', () => {
  it('have names of their own', () => {
    expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
  });
});
