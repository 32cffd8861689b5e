import { timeSpan, wholeNumber } from '@frame-buffer/capture';
import { Command, CommanderError, Option } from 'commander';

export interface SoakCommand {
  readonly forMs: number;
  readonly framesPerSecond: number;
  readonly killEveryMs: number;
  readonly seed: number;
  /** undefined: in `.frame-buffer`. */
  readonly plot: string | undefined;
  readonly json: boolean;
}

export type ParsedSoakOptions =
  | { readonly kind: 'options'; readonly options: SoakCommand }
  | { readonly kind: 'help' | 'fault'; readonly text: string };

const TEN_MINUTES_MS = 600_000;
const FRAMES_PER_SECOND = 2_000;
const MAX_FRAMES_PER_SECOND = 100_000;
const KILL_EVERY_MS = 10_000;
const MAX_SEED = 2 ** 32 - 1;

/** Reads the command line. @param freshSeed for a run without --seed */
export function parseSoakOptions(argv: readonly string[], freshSeed: number): ParsedSoakOptions {
  let text = '';
  const command = new Command('npm run soak --')
    .description(
      'Frames for a long time while processes are killed: the books must balance and memory must be flat.',
    )
    .addOption(
      new Option('--for <time>', 'how long frames flow, such as 90s or 10m')
        .argParser(timeSpan('60s, 10m'))
        .default(TEN_MINUTES_MS, '10m'),
    )
    .option('--rate <n>', 'frames per second', wholeNumber(1, MAX_FRAMES_PER_SECOND), FRAMES_PER_SECOND)
    .addOption(
      new Option('--kill-every <time>', 'orchestrators and processors in turns')
        .argParser(timeSpan('60s, 10m'))
        .default(KILL_EVERY_MS, '10s'),
    )
    .option('--seed <n>', 'the same seed kills the same ones', wholeNumber(0, MAX_SEED), freshSeed)
    .option('--plot <file>', 'where the plot of the memory goes (default: .frame-buffer/soak.svg)')
    .option('--json', 'end with one line of JSON', false)
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
  const given = command.opts<{
    for: number;
    rate: number;
    killEvery: number;
    seed: number;
    plot?: string;
    json: boolean;
  }>();
  return {
    kind: 'options',
    options: {
      forMs: given.for,
      framesPerSecond: given.rate,
      killEveryMs: given.killEvery,
      seed: given.seed,
      plot: given.plot,
      json: given.json,
    },
  };
}
