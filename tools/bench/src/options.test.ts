import { parseOptions } from './options.ts';

describe('the command line', () => {
  it('without options is a full run for people', () => {
    expect(parseOptions([])).toEqual({
      kind: 'options',
      options: {
        json: false,
        quick: false,
        rounds: 4,
        pairs: 8,
        parts: ['handoff', 'telemetry', 'latency', 'routing', 'breaker', 'priorityQueue'],
        profileFolder: undefined,
      },
    });
  });

  it.each([
    [['--quick'], { quick: true, rounds: 1 }],
    [['--quick', '--rounds', '3'], { quick: true, rounds: 3, pairs: 1 }],
    [['--only', 'telemetry', 'breaker', '--pairs', '20'], { parts: ['telemetry', 'breaker'], pairs: 20 }],
    [['--json'], { json: true, rounds: 4 }],
    [['--profile', '/tmp/profiles'], { profileFolder: '/tmp/profiles' }],
  ])('takes %j', (argv, expected) => {
    expect(parseOptions(argv)).toMatchObject({ kind: 'options', options: expected });
  });

  it.each([
    [['--rounds', '0'], 'a whole number from 1 to 50'],
    [['--rounds', '2.5'], 'a whole number from 1 to 50'],
    [['--rounds', 'many'], 'a whole number from 1 to 50'],
    [['--only', 'everything'], 'Allowed choices are handoff, telemetry'],
    [['--wrong'], "unknown option '--wrong'"],
    [['stray'], 'too many arguments'],
  ])('says what is wrong with %j', (argv, sentence) => {
    expect(parseOptions(argv)).toEqual({ kind: 'fault', text: expect.stringContaining(sentence) });
  });

  it('explains itself', () => {
    expect(parseOptions(['--help'])).toEqual({
      kind: 'help',
      text: expect.stringContaining('npm run bench'),
    });
  });
});
