import { parseDuration } from '@frame-buffer/capture';
import { INPUT_GROUP } from '@frame-buffer/models';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ValidateEnvironment } from './environment.ts';

export interface ValidateOptions {
  readonly redisUrl: string;
  readonly orchestratorUrl: string;
  readonly apiToken: string | undefined;
  /** undefined: `frames:metadata`. */
  readonly inputStream: string | undefined;
  readonly group: string;
  /** Of the performance task. */
  readonly forMs: number;
  readonly fps: number;
  readonly json: boolean;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: ValidateOptions }
  /** What was asked for with --help. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

/** The integration plan asks for this much. */
const DEFAULT_FPS = 30;
const DEFAULT_FOR = '60s';
const MAX_FPS = 10_000;
const MAX_FOR_MS = 3_600_000;

const AFTER = `
Its frames have a camera and capabilities of their own and go to processors of its own: the deployment's frames are not
touched. What it made is removed at the end, also after Ctrl-C. In the books its frames stay counted, like any others.

Environment: REDIS_URL, ORCHESTRATOR_URL, API_TOKEN.
Exit code: 0 when every check passed, 1 when one failed, 2 for options that can't be used.
`;

export function parseOptions(argv: readonly string[], environment: ValidateEnvironment): ParsedOptions {
  let text = '';
  const command = new Command('npm run validate --')
    .description('Checks a running deployment from capture to result, with frames of its own.')
    .option('--redis <url>', 'where Redis is (default: REDIS_URL, else redis://127.0.0.1:6379)')
    .option(
      '--orchestrator <url>',
      'where an orchestrator is (default: ORCHESTRATOR_URL, else http://127.0.0.1:8002)',
    )
    .option('--token <token>', 'where it asks for one; better in API_TOKEN, which no list of processes shows')
    .option('--stream <name>', 'stream that captures write to (default: frames:metadata)')
    .option('--group <name>', 'consumer group of the orchestrators', INPUT_GROUP)
    .addOption(
      new Option('--for <time>', 'how long frames are sent for the performance task')
        .argParser(duration)
        .default(duration(DEFAULT_FOR), DEFAULT_FOR),
    )
    .option('--fps <n>', 'frames per second for the performance task', fps, DEFAULT_FPS)
    .option('--json', 'one line of JSON instead of a table', false)
    .addHelpText('after', AFTER)
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
  const given = command.opts<{
    redis?: string;
    orchestrator?: string;
    token?: string;
    stream?: string;
    group: string;
    for: number;
    fps: number;
    json: boolean;
  }>();
  return {
    kind: 'options',
    options: {
      redisUrl: given.redis ?? environment.redisUrl,
      orchestratorUrl: given.orchestrator ?? environment.orchestratorUrl,
      apiToken: given.token ?? environment.apiToken,
      inputStream: given.stream,
      group: given.group,
      forMs: given.for,
      fps: given.fps,
      json: given.json,
    },
  };
}

function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms !== undefined && ms > 0 && ms <= MAX_FOR_MS) return ms;
  throw new InvalidArgumentError('Expected a time up to an hour, such as 60s, 500ms, 5m.');
}

function fps(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= MAX_FPS) return number;
  throw new InvalidArgumentError(`Expected a number above 0 and up to ${MAX_FPS}.`);
}
