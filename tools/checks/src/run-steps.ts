import type { Step, StepContext } from './step.ts';
import { ONE_FAILED, type Tally, sum } from './tally.ts';

export interface StepsRun {
  readonly root: string;
  readonly signal: AbortSignal;
  /** Writes to whoever watches. */
  print(line: string): void;
  /** ms, monotonic. */
  clock?(): number;
}

/**
 * Runs the steps one after the other, all of them, also after one failed, and says how each went; after an interrupt
 * the rest is left out, which counts as failed.
 */
export async function runSteps(steps: readonly Step[], options: StepsRun): Promise<Tally> {
  const { root, signal, print, clock = () => performance.now() } = options;
  const tallies: Tally[] = [];
  for (const step of steps) {
    if (signal.aborted) {
      print(`✗ ${step.name}: left out`);
      tallies.push(ONE_FAILED);
      continue;
    }
    print(`▸ ${step.name}`);
    const startedAt = clock();
    const result = await attempt(step, { root, signal, progress: (line) => print(`    ${line}`) });
    const took = `${((clock() - startedAt) / 1000).toFixed(1)} s`;
    if (!result.isOk) print(result.output.trimEnd());
    print(`${result.isOk ? '✓' : '✗'} ${[step.name, result.summary].filter(Boolean).join(': ')} (${took})`);
    tallies.push(result.tally);
  }
  return sum(tallies);
}

async function attempt(step: Step, context: StepContext): ReturnType<Step['run']> {
  try {
    return await step.run(context);
  } catch (error) {
    const output = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { isOk: false, tally: ONE_FAILED, summary: 'the check itself failed', output };
  }
}
