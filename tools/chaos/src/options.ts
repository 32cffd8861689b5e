import { parseDuration } from '@frame-buffer/capture';
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
      duration,
    )
    .option('--seed <n>', 'the same seed does the same things at the same moments', seed, freshSeed)
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

function seed(value: string): number {
  const number = Number(value);
  if (value !== '' && Number.isInteger(number) && number >= 0 && number <= MAX_SEED) return number;
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${MAX_SEED}.`);
}

function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError('Expected a time such as 60s, 10m.');
  return ms;
}
