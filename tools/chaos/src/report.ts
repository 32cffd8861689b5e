import type { ScenarioResult } from './scenario.ts';

/** The last line of a run with --json. */
export interface Report {
  readonly scenarios: readonly Pick<
    ScenarioResult,
    | 'name'
    | 'published'
    | 'completed'
    | 'deadLettered'
    | 'unaccounted'
    | 'duplicates'
    | 'recoveryMs'
    | 'passed'
  >[];
  readonly passed: number;
  readonly failed: number;
}

export function reportOf(results: readonly ScenarioResult[]): Report {
  const passed = results.filter((result) => result.passed).length;
  return {
    scenarios: results.map(
      ({ name, published, completed, deadLettered, unaccounted, duplicates, recoveryMs, passed }) => ({
        ...{ name, published, completed, deadLettered, unaccounted, duplicates, recoveryMs, passed },
      }),
    ),
    passed,
    failed: results.length - passed,
  };
}

/** What a person reads as soon as a scenario is over. */
export function resultLines(result: ScenarioResult, logDirectory: string): string[] {
  const { name, seed, passed, published, recoveryMs, tookMs, faults, notes } = result;
  const seconds = (tookMs / 1000).toFixed(1);
  const word = passed ? 'passed' : 'FAILED';
  return [
    `${name.padEnd(NAME_WIDTH)} ${word}  ${published} frames, flowing again after ${recoveryMs} ms  (${seconds} s)`,
    ...faults.map((text) => `  fault: ${text}`),
    ...notes.map((text) => `  note: ${text}`),
    ...(passed
      ? []
      : [`  again: npm run chaos -- --only ${name} --seed ${seed}   logs: ${logDirectory}/${name}`]),
  ];
}

const NAME_WIDTH = 28;
const COLUMNS = [
  'published',
  'completed',
  'deadLettered',
  'unaccounted',
  'duplicates',
  'recoveryMs',
] as const;

export function tableOf(results: readonly ScenarioResult[]): string {
  const row = (name: string, cells: readonly string[], last: string): string =>
    [
      name.padEnd(NAME_WIDTH),
      ...cells.map((cell, i) => cell.padStart((COLUMNS[i] as string).length)),
      last,
    ].join('  ');
  return [
    row('scenario', COLUMNS, 'result'),
    ...results.map((result) =>
      row(
        result.name,
        COLUMNS.map((column) => String(result[column])),
        result.passed ? 'passed' : 'FAILED',
      ),
    ),
  ].join('\n');
}
