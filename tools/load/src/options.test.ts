import { parseOptions } from './options.ts';

function optionsOf(...argv: string[]) {
  const parsed = parseOptions(argv);
  if (parsed.kind !== 'options') throw new Error(parsed.text);
  return parsed.options;
}

const faultOf = (...argv: string[]): string => {
  const parsed = parseOptions(argv);
  return parsed.kind === 'fault' ? parsed.text : parsed.kind;
};

describe('the command line', () => {
  it('needs nothing', () => {
    expect(optionsOf()).toMatchObject({
      fps: 100,
      forMs: Infinity,
      cameras: 16,
      mix: [['object_detection', 1]],
      priorities: [['0', 1]],
      service: { meanMs: 20, shape: 'constant' },
      concurrency: 1,
      capacity: 2,
      running: undefined,
      json: false,
    });
    expect(optionsOf().processors).toHaveLength(4);
  });

  it('gives every processor all that is asked for, or each what its name says', () => {
    const mix = ['--mix', 'faces=3,plates=1,faces+plates=1'];
    expect(optionsOf(...mix, '--processors', '2').processors).toEqual([
      { id: 'load-1', capabilities: ['faces', 'plates'] },
      { id: 'load-2', capabilities: ['faces', 'plates'] },
    ]);
    expect(optionsOf(...mix, '--processors', 'faces=2,plates').processors).toEqual([
      { id: 'load-faces-1', capabilities: ['faces'] },
      { id: 'load-faces-2', capabilities: ['faces'] },
      { id: 'load-plates-1', capabilities: ['plates'] },
    ]);
  });

  it('collects settings of the orchestrators', () => {
    const given = optionsOf('--setting', 'ROUTING_STRATEGY=affinity', '--setting', 'LOG_LEVEL=');
    expect(given.settings).toEqual({ ROUTING_STRATEGY: 'affinity', LOG_LEVEL: '' });
  });

  it('starts no processors in a system that is there already, unless they are asked for', () => {
    const there = ['--redis', 'redis://h:1', '--orchestrator', 'http://h:8002/'];
    expect(optionsOf(...there)).toMatchObject({
      processors: [],
      running: { redisUrl: 'redis://h:1', orchestratorUrls: ['http://h:8002'] },
    });
    expect(optionsOf(...there, '--processors', '1').processors).toHaveLength(1);
  });

  it.each([
    [['--fps', '0'], 'Expected a number above 0'],
    [['--for', 'long'], 'Expected a time such as 20s'],
    [['--mix', 'a b=1'], 'Expected capabilities with shares'],
    [['--priority-mix', '11=1'], 'Expected priorities from 0 to 10'],
    [['--service-ms', '20:odd'], 'Expected ms from 1 to 60000'],
    [['--processors', 'faces=0.5'], 'Expected a number up to 500'],
    [['--concurrency', '4', '--capacity', '2'], '--capacity must be 4'],
    [['--setting', 'x'], 'Expected a name and a value'],
    [['--redis', 'http://h'], 'starts with redis://'],
    [['--orchestrator', 'http://h'], '--redis is missing'],
    [['--redis', 'redis://h', '--processors', '2'], '--orchestrator is missing'],
    [['more'], 'too many arguments'],
  ])('says what is wrong with %j', (argv, text) => expect(faultOf(...argv)).toContain(text));
});
