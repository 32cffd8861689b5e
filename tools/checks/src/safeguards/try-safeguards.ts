import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runNamedTests, type TestOutcome } from './named-tests.ts';
import type { Safeguard } from './safeguard.ts';
import { createSandbox, type Sandbox } from './sandbox.ts';

export interface TryOptions {
  readonly root: string;
  readonly signal: AbortSignal;
  print(line: string): void;
}

export interface Tried {
  readonly noticed: number;
  readonly faults: number;
}

/**
 * Removes one safeguard after the other from a copy of the sources, and runs the test that must notice it. First the tests run on
 * the unspoilt copy: one that fails there anyway notices nothing.
 */
export async function trySafeguards(safeguards: readonly Safeguard[], options: TryOptions): Promise<Tried> {
  const { signal, print } = options;
  const sandbox = createSandbox(options.root);
  try {
    const fit = await unspoilt(sandbox, safeguards, options);
    let noticed = 0;
    let faults = safeguards.length - fit.length;
    for (const [i, safeguard] of fit.entries()) {
      if (signal.aborted) break;
      const startedMs = performance.now();
      const fault = await tryOne(sandbox, safeguard, signal);
      if (signal.aborted) break;
      const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
      print(
        `${fault ? '✗' : '✓'} ${i + 1}/${fit.length} ${safeguard.name}: ${fault ?? safeguard.noticedBy} (${took})`,
      );
      if (fault) faults++;
      else noticed++;
    }
    return { noticed, faults };
  } finally {
    sandbox.remove();
  }
}

/** @returns those whose tests pass while nothing is removed */
async function unspoilt(
  sandbox: Sandbox,
  safeguards: readonly Safeguard[],
  { signal, print }: TryOptions,
): Promise<Safeguard[]> {
  const fit: Safeguard[] = [];
  for (const [testFile, group] of Map.groupBy(safeguards, ({ testFile }) => testFile)) {
    if (signal.aborted) break;
    print(`▸ ${testFile} with nothing removed`);
    const names = [...new Set(group.flatMap(({ noticedBy, stillPasses }) => [noticedBy, stillPasses]))];
    const outcomes = await outcomesIn(sandbox, testFile, names, signal);
    if (signal.aborted) break;
    for (const name of names.filter((name) => outcomes.get(name) !== 'passed'))
      print(`✗ with nothing removed: ${name}: ${outcomes.get(name)}`);
    fit.push(
      ...group.filter((each) =>
        [each.noticedBy, each.stillPasses].every((name) => outcomes.get(name) === 'passed'),
      ),
    );
  }
  return fit;
}

/** @returns what is wrong, or nothing where the removal was noticed */
async function tryOne(
  sandbox: Sandbox,
  safeguard: Safeguard,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { file, find, replace, testFile, noticedBy, stillPasses } = safeguard;
  let putBack: () => void;
  try {
    putBack = sandbox.replace(file, find, replace);
  } catch (error) {
    return `${file}: ${(error as Error).message}`;
  }
  const outcomes = await outcomesIn(sandbox, testFile, [noticedBy, stillPasses], signal);
  putBack();
  if (outcomes.get(noticedBy) === 'passed')
    return `COULD BE REMOVED UNNOTICED: ${noticedBy} passes without it`;
  if (outcomes.get(noticedBy) === 'not run') return `the test did not run: ${noticedBy}`;
  if (outcomes.get(stillPasses) !== 'passed')
    return `without it nothing works at all: ${stillPasses} fails as well`;
  return undefined;
}

async function outcomesIn(
  { root }: Sandbox,
  testFile: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, TestOutcome>> {
  rmSync(join(root, 'safeguards.jest.json'), { force: true });
  return (await runNamedTests(root, testFile, names, signal)).outcomes;
}
