import { parseArgs } from 'node:util';
import { MAIN_JOB } from './main-job.ts';
import { STATIC_CHECKS } from './static-checks.ts';
import type { Step } from './step.ts';
import { tests } from './tests.ts';

const ALL: readonly Step[] = [...STATIC_CHECKS, tests('tests'), MAIN_JOB];
/** Parts of `tests`, for developers. */
const PARTS: readonly Step[] = [tests('unit'), tests('redis')];
const KNOWN: readonly Step[] = [...ALL, ...PARTS];

export const USAGE = `npm test [-- --only <step>[,<step>...]]

Runs every check and closes with one line, "N passed, N failed".

  --only <steps>  ${KNOWN.map(({ name }) => name).join(', ')}
  --help          this text
`;

export type Selection =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'help' }
  | { readonly kind: 'fault'; readonly sentence: string };

/** Reads the command line. */
export function select(args: readonly string[]): Selection {
  let values: { only?: string[] | undefined; help?: boolean | undefined };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { only: { type: 'string', multiple: true }, help: { type: 'boolean', short: 'h' } },
    }));
  } catch (error) {
    return { kind: 'fault', sentence: (error as Error).message };
  }
  if (values.help) return { kind: 'help' };
  if (!values.only) return { kind: 'steps', steps: ALL };
  const names = values.only.flatMap((value) => value.split(','));
  const unknown = names.find((name) => !KNOWN.some((step) => step.name === name));
  if (unknown !== undefined) {
    const known = KNOWN.map(({ name }) => name).join(', ');
    return { kind: 'fault', sentence: `--only: expected one of ${known}, found ${JSON.stringify(unknown)}` };
  }
  return { kind: 'steps', steps: KNOWN.filter(({ name }) => names.includes(name)) };
}
