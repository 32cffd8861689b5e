import { parseOptions } from './options.ts';

const faultOf = (...argv: string[]): string => {
  const outcome = parseOptions(argv);
  return outcome.kind === 'fault' ? outcome.text : JSON.stringify(outcome);
};
const optionsOf = (...argv: string[]) => {
  const outcome = parseOptions(argv);
  if (outcome.kind !== 'options') throw new Error(JSON.stringify(outcome));
  return outcome.options;
};

describe('the command line', () => {
  it('without options is one test picture and three processors, until Ctrl-C', () => {
    expect(optionsOf()).toMatchObject({ processors: 3, forMs: undefined, json: false });
    expect(optionsOf().cameras.map(({ source }) => source)).toEqual([{ kind: 'pattern' }]);
  });

  it('gives each source a camera, and more cameras turns at them', () => {
    const { cameras } = optionsOf(
      '--source',
      'pattern',
      '--source',
      'rtsp://10.0.0.7/live',
      '--cameras',
      '3',
    );
    expect(cameras.map(({ cameraId, source }) => [cameraId, source.kind])).toEqual([
      ['camera-1', 'pattern'],
      ['camera-2', 'rtsp'],
      ['camera-3', 'pattern'],
    ]);
  });

  it('takes times and rates as people write them', () => {
    expect(optionsOf('--for', '20s', '--fps', '12.5')).toMatchObject({
      forMs: 20_000,
      cameras: [{ fps: 12.5 }],
    });
  });

  it.each([
    [['--processors', '0'], 'whole number from 1 to 100'],
    [['--cameras', 'many'], 'whole number from 1 to 1000'],
    [['--fps', '-1'], 'native, or a number'],
    [['--for', 'ever'], 'a time such as 20s'],
    [['--source', 'ftp://x'], 'a video file, an rtsp:// address or the word pattern'],
    [['--wrong'], "unknown option '--wrong'"],
    [['stray'], 'too many arguments'],
  ])('says what is wrong with %j', (argv, sentence) => {
    expect(faultOf(...argv)).toContain(sentence);
  });

  it('explains itself', () => {
    expect(parseOptions(['--help'])).toMatchObject({
      kind: 'help',
      text: expect.stringContaining('npm start -- --source'),
    });
  });
});
