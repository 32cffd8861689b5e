import { join } from 'node:path';
import { runNode } from './command-run.ts';
import type { Step, StepContext, StepResult } from './step.ts';
import { NOTHING, ONE_FAILED } from './tally.ts';

const TIMEOUT_MS = 180_000;
/** As many as CI machines have cores; more would make the tests of other tasks slow for nothing. */
const PARALLEL = '2';

/** Nothing in the background, no screen of its own, no network. */
const NX_ENV = { NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', NX_SKIP_REMOTE_CACHE: 'true' };

/** What is checked without running any test. */
export const STATIC_CHECKS: readonly Step[] = [
  { name: 'format', run: (context) => check(context, 'prettier', '--check', '--log-level', 'warn', '.') },
  { name: 'sync', run: (context) => check(context, 'nx', 'sync:check') },
  {
    name: 'lint',
    run: (context) =>
      check(context, 'nx', 'run-many', '-t', 'lint', '--parallel', PARALLEL, '--output-style', 'static'),
  },
  // One pass over all references checks the tests as well as it builds the packages.
  { name: 'build', run: (context) => check(context, 'tsc', '--build', 'tsconfig.json') },
];

async function check({ root, signal }: StepContext, command: string, ...args: string[]): Promise<StepResult> {
  const run = await runNode(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    signal,
    timeoutMs: TIMEOUT_MS,
    env: NX_ENV,
  });
  return {
    isOk: run.isOk,
    tally: run.isOk ? NOTHING : ONE_FAILED,
    summary: run.reason,
    output: run.output,
  };
}
