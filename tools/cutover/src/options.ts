import { parseDuration } from '@frame-buffer/capture';
import { INPUT_GROUP } from '@frame-buffer/models';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export interface CommandLine {
  readonly action: 'dry-run' | 'execute' | 'undo';
  readonly oldGroup: string;
  readonly group: string;
  /** The input; undefined: from the environment. */
  readonly stream: string | undefined;
  /** undefined: from the environment. */
  readonly redis: string | undefined;
  /** An orchestrator that somebody else starts; undefined: this tool starts one. */
  readonly orchestrator: string | undefined;
  readonly minIdleMs: number;
  readonly json: boolean;
}

export type ParsedCommandLine =
  | { readonly kind: 'options'; readonly options: CommandLine }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

/** A service that polls reads at least every five seconds; twice that without a sign of it is silence. */
const DEFAULT_IDLE = '10s';

const EXAMPLES = `
Examples:
  npm run cutover -- --old-group frame-buffer --dry-run    what would be done, or why not
  npm run cutover -- --old-group frame-buffer --execute    after the old service was stopped
  npm run cutover -- --undo                                after the orchestrators were stopped
Interrupted or failed, run the same command again: it goes on where it was.
`;

/** Reads the command line. */
export function parseOptions(argv: readonly string[]): ParsedCommandLine {
  let text = '';
  const command = new Command('npm run cutover --')
    .description(
      'Puts the orchestrator in the place of an older service that read the same stream, and back.',
    )
    .option('--dry-run', 'only look')
    .option('--execute', 'take over')
    .option('--undo', 'give back what was taken over')
    .option('--old-group <name>', "the old service's consumer group on the input")
    .option('--group <name>', "the orchestrators' consumer group", INPUT_GROUP)
    .option('--stream <name>', 'what both read; default INPUT_STREAM, else frames:metadata')
    .option('--redis <url>', 'address of Redis; default REDIS_URL, else redis://127.0.0.1:6379')
    .option('--orchestrator <url>', 'an orchestrator that you start yourself; otherwise one is started here')
    .addOption(
      new Option('--idle <time>', 'a consumer seen within this time is active')
        .argParser(duration)
        .default(duration(DEFAULT_IDLE), DEFAULT_IDLE),
    )
    .option('--json', 'end with one line of JSON', false)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut: (out) => (text += out), writeErr: (out) => (text += out) })
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
    const given = command.opts<Given>();
    const actions = (['dryRun', 'execute', 'undo'] as const).filter((name) => given[name]);
    const [action] = actions;
    if (!action || actions.length > 1) command.error('error: say one of --dry-run, --execute and --undo');
    if (action !== 'undo' && !given.oldGroup) command.error('error: --old-group is needed');
    if (given.oldGroup === given.group)
      command.error('error: the old group and the new one have the same name; give --group');
    return {
      kind: 'options',
      options: {
        action: action === 'dryRun' ? 'dry-run' : (action as 'execute' | 'undo'),
        oldGroup: given.oldGroup ?? '',
        group: given.group,
        stream: given.stream,
        redis: given.redis,
        orchestrator: given.orchestrator,
        minIdleMs: given.idle,
        json: given.json,
      },
    };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? { kind: 'help', text } : { kind: 'fault', text };
  }
}

interface Given {
  readonly dryRun?: boolean;
  readonly execute?: boolean;
  readonly undo?: boolean;
  readonly oldGroup?: string;
  readonly group: string;
  readonly stream?: string;
  readonly redis?: string;
  readonly orchestrator?: string;
  readonly idle: number;
  readonly json: boolean;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('expected a time such as 10s.');
  return ms;
}
