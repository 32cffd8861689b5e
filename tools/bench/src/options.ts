import { resolve } from 'node:path';
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface BenchOptions {
  readonly json: boolean;
  readonly quick: boolean;
  readonly rounds: number;
  readonly profileFolder: string | undefined;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: BenchOptions }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

const DEFAULT_ROUNDS = 4;
const QUICK_ROUNDS = 1;
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
      rounds,
    )
    .option('--profile <folder>', 'leave CPU profiles of the orchestrator there; slows it down a little')
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
  const given = command.opts<{ json: boolean; quick: boolean; rounds?: number; profile?: string }>();
  return {
    kind: 'options',
    options: {
      json: given.json,
      quick: given.quick,
      rounds: given.rounds ?? (given.quick ? QUICK_ROUNDS : DEFAULT_ROUNDS),
      profileFolder: given.profile === undefined ? undefined : resolve(given.profile),
    },
  };
}

function rounds(value: string): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_ROUNDS) return number;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${MAX_ROUNDS}.`);
}
