import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export const PARTS = ['handoff', 'telemetry', 'latency', 'routing', 'breaker', 'priorityQueue'] as const;
export type Part = (typeof PARTS)[number];

export interface BenchOptions {
  readonly json: boolean;
  readonly quick: boolean;
  readonly rounds: number;
  /** Of the telemetry: each is two runs. */
  readonly pairs: number;
  /** What is measured. */
  readonly parts: readonly Part[];
  readonly profileFolder: string | undefined;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: BenchOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

const DEFAULT_ROUNDS = 4;
const QUICK_ROUNDS = 1;
const DEFAULT_PAIRS = 8;
const QUICK_PAIRS = 1;
const MAX_ROUNDS = 50;

/** Reads the command line. */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  let text = '';
  const command = new Command('npm run bench --')
    .description(
      'Hand-off rate beside a bare loop and BullMQ, routing time, latency: in one run, on a Redis of its own.',
    )
    .option('--json', 'end with one line of JSON', false)
    .option('--quick', 'a short run, to see that it works: its figures say little', false)
    .option(
      '--rounds <n>',
      `rounds of the hand-off (default: ${DEFAULT_ROUNDS}, quick: ${QUICK_ROUNDS})`,
      count,
    )
    .option(
      '--pairs <n>',
      `pairs of runs with and without telemetry (default: ${DEFAULT_PAIRS}, quick: ${QUICK_PAIRS})`,
      count,
    )
    .addOption(new Option('--only <parts...>', 'measure nothing else').choices(PARTS))
    .option('--profile <folder>', 'leave CPU profiles of the orchestrator there; slows it down a little')
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
  const given = command.opts<{
    json: boolean;
    quick: boolean;
    rounds?: number;
    pairs?: number;
    only?: Part[];
    profile?: string;
  }>();
  return {
    kind: 'options',
    options: {
      json: given.json,
      quick: given.quick,
      rounds: given.rounds ?? (given.quick ? QUICK_ROUNDS : DEFAULT_ROUNDS),
      pairs: given.pairs ?? (given.quick ? QUICK_PAIRS : DEFAULT_PAIRS),
      parts: given.only ?? PARTS,
      profileFolder: given.profile === undefined ? undefined : resolve(given.profile),
    },
  };
}

function count(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_ROUNDS) return number;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_ROUNDS}.`);
}
