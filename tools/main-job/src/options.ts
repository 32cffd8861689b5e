import {
  camerasOf,
  type CameraRequest,
  parseSource,
  type Source,
  timeSpan,
  wholeNumber,
} from '@frame-buffer/capture';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface MainJobOptions {
  readonly cameras: readonly CameraRequest[];
  readonly processors: number;
  /** undefined: until Ctrl-C, or until every file has come to its end. */
  readonly forMs: number | undefined;
  readonly json: boolean;
}

const DEFAULT_PROCESSORS = 3;
const MAX_PROCESSORS = 100;
const MAX_CAMERAS = 1000;
/** What every picture is captured for: something that needs the pixels, and one camera's pictures in order. */
const CAPABILITIES = ['motion_detection'];

const EXAMPLES = `
Examples:
  npm start                                             a moving test picture
  npm start -- --source street.mp4 --for 20s            a recording, for twenty seconds
  npm start -- --source rtsp://10.0.0.7/live --fps 10   a camera, ten pictures a second
  npm start -- --cameras 8 --processors 5               eight test pictures, five processors
`;

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: MainJobOptions }
  /** What was asked for with --help. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

/** Reads the command line. */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  let text = '';
  const command = new Command('npm start --')
    .description(
      'The whole system on this machine: Redis, an orchestrator, processors and cameras, with the books in view.',
    )
    .option(
      '--source <source>',
      'a video file, rtsp://..., or pattern (repeatable, a camera each)',
      collect,
      [],
    )
    .option(
      '--cameras <n>',
      'number of cameras; sources are repeated until there are so many',
      wholeNumber(1, MAX_CAMERAS),
    )
    .option('--fps <n>', 'pictures per second of each camera, or native', fps, 'native')
    .option(
      '--processors <n>',
      'number of sample processors',
      wholeNumber(1, MAX_PROCESSORS),
      DEFAULT_PROCESSORS,
    )
    .option('--for <time>', 'stop after this time, such as 20s or 5m', timeSpan('20s, 500ms, 5m'))
    .option('--json', 'end with one line of JSON', false)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
  const given = command.opts<{
    source: Source[];
    cameras?: number;
    fps: number | 'native';
    processors: number;
    for?: number;
    json: boolean;
  }>();
  const sources: Source[] = given.source.length > 0 ? given.source : [{ kind: 'pattern' }];
  const count = Math.max(given.cameras ?? 1, sources.length);
  return {
    kind: 'options',
    options: {
      cameras: camerasOf({ sources, count, fps: given.fps, capabilities: CAPABILITIES }),
      processors: given.processors,
      forMs: given.for,
      json: given.json,
    },
  };
}

function collect(value: string, all: Source[]): Source[] {
  const source = parseSource(value);
  if (source.ok) return [...all, source.value];
  throw new InvalidArgumentError(`Expected ${source.faults[0]?.expected}.`);
}

function fps(value: string): number | 'native' {
  if (value === 'native') return value;
  const number = Number(value);
  if (number > 0 && number <= 240) return number;
  throw new InvalidArgumentError('Expected native, or a number above 0 and up to 240.');
}
