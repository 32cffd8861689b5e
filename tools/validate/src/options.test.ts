import { parseOptions } from './options.ts';

const environment = { redisUrl: 'redis://r', orchestratorUrl: 'http://o', apiToken: 'secret' };
const parse = (...argv: string[]) => parseOptions(argv, environment);

describe('parseOptions', () => {
  it('asks for what the integration plan asks for, of what the environment names', () => {
    expect(parse()).toEqual({
      kind: 'options',
      options: {
        redisUrl: 'redis://r',
        orchestratorUrl: 'http://o',
        apiToken: 'secret',
        inputStream: undefined,
        group: 'frame-buffer-group',
        forMs: 60_000,
        fps: 30,
        json: false,
      },
    });
  });

  it('takes options before the environment', () => {
    const parsed = parse(
      '--redis',
      'redis://x',
      '--orchestrator',
      'http://y',
      '--token',
      't',
      '--for',
      '5s',
      '--fps',
      '100',
      '--json',
    );
    expect(parsed).toMatchObject({
      options: {
        redisUrl: 'redis://x',
        orchestratorUrl: 'http://y',
        apiToken: 't',
        forMs: 5_000,
        fps: 100,
        json: true,
      },
    });
  });

  it.each([['--for', 'soon'], ['--fps', '0'], ['--fast']])('finds fault with %s %s', (...argv) => {
    expect(parse(...argv).kind).toBe('fault');
  });

  it('helps', () => {
    expect(parse('--help')).toMatchObject({ kind: 'help', text: expect.stringContaining('Exit code') });
  });
});
