import { join } from 'node:path';
import { runNode } from '../command-run.ts';
import type { Safeguard } from './safeguard.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';
import type { Tried, TryOptions } from './try-safeguards.ts';

/** A scenario takes a quarter of a minute; frames that never come are waited for most of one. */
const TIMEOUT_MS = 180_000;
const SEED = '1';

/** As `trySafeguards`, with the scenarios of the failure suite: real processes are killed, stopped and cut off. */
export async function tryUnderFire(safeguards: readonly Safeguard[], options: TryOptions): Promise<Tried> {
  const { root, signal, print } = options;
  const sandbox = createSandbox(root);
  let noticed = 0;
  let faults = 0;
  const tell = (fault: string | undefined, line: string): void => {
    if (signal.aborted) return;
    print(`${fault ? '✗' : '✓'} ${line}${fault ? `: ${fault}` : ''}`);
    if (fault) faults++;
  };
  try {
    for (const [scenario, group] of Map.groupBy(safeguards, (safeguard) => safeguard.scenario)) {
      if (scenario === undefined || signal.aborted) continue;
      const unspoilt = await runScenario(sandbox, scenario, signal);
      const reason = unspoilt === 'passed' ? undefined : `it ${unspoilt}`;
      tell(reason, `${scenario} with nothing removed`);
      if (reason) continue;
      for (const { name, file, find, replace } of group) {
        if (signal.aborted) break;
        const putBack = sandbox.replace(file, find, replace);
        const outcome = await runScenario(sandbox, scenario, signal);
        putBack();
        const fault = outcome === 'failed' ? undefined : `COULD BE REMOVED UNNOTICED, it ${outcome}`;
        tell(fault, `${scenario} without ${name}`);
        if (!fault && !signal.aborted) noticed++;
      }
    }
    return { noticed, faults };
  } finally {
    sandbox.remove();
  }
}

async function runScenario(
  { root }: Sandbox,
  scenario: string,
  signal: AbortSignal,
): Promise<'passed' | 'failed' | 'did not run'> {
  const run = await runNode(
    join(root, 'tools/chaos/src/main.ts'),
    ['--only', scenario, '--seed', SEED, '--json'],
    {
      cwd: root,
      signal,
      timeoutMs: TIMEOUT_MS,
      env: { NODE_OPTIONS: '--conditions=@frame-buffer/source' },
    },
  );
  const report = run.stdout.trim().split('\n').at(-1) ?? '';
  if (/"passed":1,"failed":0\}$/.test(report)) return 'passed';
  return /"passed":0,"failed":1\}$/.test(report) ? 'failed' : 'did not run';
}
