import { parseSoakOptions } from './soak-options.ts';

describe('parseSoakOptions', () => {
  it('soaks for ten minutes at 2000 frames a second with a kill every ten seconds', () => {
    expect(parseSoakOptions([], 7)).toEqual({
      kind: 'options',
      options: {
        ...{ forMs: 600_000, framesPerSecond: 2_000, killEveryMs: 10_000 },
        ...{ seed: 7, plot: undefined, json: false },
      },
    });
  });

  it('reads every option', () => {
    const line = '--for 90s --rate 500 --kill-every 5s --seed 3 --plot x.svg --json';
    expect(parseSoakOptions(line.split(' '), 7)).toMatchObject({
      options: {
        forMs: 90_000,
        framesPerSecond: 500,
        killEveryMs: 5_000,
        seed: 3,
        plot: 'x.svg',
        json: true,
      },
    });
  });

  it.each(['--for soon', '--rate 0', '--rate many', '--kill-every 0s', '--seed -1', '--what'])(
    'refuses %s',
    (line) => {
      expect(parseSoakOptions(line.split(' '), 7)).toMatchObject({ kind: 'fault' });
    },
  );

  it('explains itself', () => {
    expect(parseSoakOptions(['--help'], 7)).toMatchObject({
      kind: 'help',
      text: expect.stringContaining('--rate'),
    });
  });
});
