import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { onInterrupt } from '@frame-buffer/setup';
import type { Safeguard } from './safeguard.ts';
import { SAFEGUARDS } from './safeguards.ts';
import { trySafeguards } from './try-safeguards.ts';
import { tryUnderFire } from './try-under-fire.ts';

const USAGE = `npm run safeguards [-- --only NAME] [--chaos] [--list]

Removes each safeguard from a copy of the sources and shows that the test named for it fails.

  --only NAME   this one (repeatable)
  --chaos       with scenarios of \`npm run chaos\` instead of tests, where one notices
  --list        their names, and what each prevents
  --help
`;
const USAGE_EXIT_CODE = 2;
const INTERRUPTED_EXIT_CODE = 130;
const root = fileURLToPath(new URL('../../../..', import.meta.url));
const print = (line: string): void => void process.stdout.write(`${line}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${USAGE}`);
    return USAGE_EXIT_CODE;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options.list) {
    for (const { name, prevents } of SAFEGUARDS) print(`${name.padEnd(26)}${prevents}`);
    return 0;
  }
  const only = options.only ?? [];
  const unknown = only.filter((name) => !SAFEGUARDS.some((safeguard) => safeguard.name === name));
  if (unknown.length > 0) {
    process.stderr.write(`there is no safeguard ${unknown.join(', ')}: see --list\n`);
    return USAGE_EXIT_CODE;
  }
  const interrupt = new AbortController();
  const dispose = onInterrupt(() => interrupt.abort());
  const wanted = ({ name, scenario }: Safeguard): boolean =>
    (only.length === 0 || only.includes(name)) && (!options.chaos || scenario !== undefined);
  const chosen = SAFEGUARDS.filter(wanted);
  const attempt = options.chaos ? tryUnderFire : trySafeguards;
  const { noticed, faults } = await attempt(chosen, { root, signal: interrupt.signal, print });
  dispose();
  if (interrupt.signal.aborted) return INTERRUPTED_EXIT_CODE;
  print(`${noticed} of ${chosen.length} removals are noticed`);
  return faults > 0 ? 1 : 0;
}

function optionsOf(
  args: string[],
): { only?: string[]; list?: boolean; chaos?: boolean; help?: boolean } | string {
  try {
    return parseArgs({
      args,
      options: {
        only: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        chaos: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return (error as Error).message;
  }
}
