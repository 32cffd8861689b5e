import { timeSpan, wholeNumber } from '@frame-buffer/capture';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import type { Scenario } from './scenario.ts';
import { SCENARIOS } from './scenarios.ts';

export interface ChaosOptions {
  readonly scenarios: readonly Scenario[];
  readonly forMs: number | undefined;
  readonly seed: number;
  readonly json: boolean;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: ChaosOptions }
  /** What was asked for with --help. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

const MAX_SEED = 2 ** 32 - 1;

const listed = (): string => SCENARIOS.map(({ name, about }) => `  ${name.padEnd(28)}${about}`).join('\n');

/** Reads the command line. @param freshSeed for a run without --seed */
export function parseOptions(argv: readonly string[], freshSeed: number): ParsedOptions {
  let text = '';
  const command = new Command('npm run chaos --')
    .description('Kills, stops and cuts off real processes while frames flow, and accounts for every frame.')
    .option(
      '--for <time>',
      'begin no scenario later, such as 60s or 10m; begin again while time is left',
      timeSpan('60s, 10m'),
    )
    .option(
      '--seed <n>',
      'the same seed does the same things at the same moments',
      wholeNumber(0, MAX_SEED),
      freshSeed,
    )
    .option('--only <name>', 'this scenario (repeatable)', collect, [])
    .option('--json', 'end with one line of JSON', false)
    .addHelpText('after', `\nScenarios:\n${listed()}\n`)
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
  const given = command.opts<{ for?: number; seed: number; only: string[]; json: boolean }>();
  const scenarios = SCENARIOS.filter(({ name }) => given.only.length === 0 || given.only.includes(name));
  return { kind: 'options', options: { scenarios, forMs: given.for, seed: given.seed, json: given.json } };
}

function collect(name: string, all: string[]): string[] {
  if (SCENARIOS.some((scenario) => scenario.name === name)) return [...all, name];
  throw new InvalidArgumentError(`There is no such scenario. There are:\n${listed()}`);
}
