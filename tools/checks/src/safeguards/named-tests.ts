import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runNode } from '../command-run.ts';

export type TestOutcome = 'passed' | 'failed' | 'not run';

interface JestReport {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const TIMEOUT_MS = 180_000;

/**
 * Runs some tests of one file. @param names full names: what stands in `describe` and `it`, with a space between
 * @returns how each ended, and the output
 */
export async function runNamedTests(
  root: string,
  testFile: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<{ outcomes: Map<string, TestOutcome>; output: string }> {
  const [kind = '', project = ''] = testFile.split('/');
  const reportFile = join(root, 'safeguards.jest.json');
  const pattern = `^(${names.map(escape).join('|')})$`;
  const run = await runNode(
    join(root, 'node_modules/jest/bin/jest.js'),
    [
      ...['--projects', join(kind, project), '--runTestsByPath', join(root, testFile)],
      ...['--testNamePattern', pattern, '--json', '--outputFile', reportFile, '--forceExit'],
    ],
    {
      cwd: root,
      signal,
      timeoutMs: TIMEOUT_MS,
      env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
    },
  );
  return { outcomes: outcomesOf(readReport(reportFile), names), output: run.output.replace(run.stdout, '') };
}

function outcomesOf(report: JestReport | undefined, names: readonly string[]): Map<string, TestOutcome> {
  const results = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? [];
  return new Map(
    names.map((name) => {
      const statuses = results.filter(({ fullName }) => fullName === name).map(({ status }) => status);
      if (statuses.includes('failed')) return [name, 'failed'];
      return [name, statuses.includes('passed') ? 'passed' : 'not run'];
    }),
  );
}

function readReport(file: string): JestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JestReport;
  } catch {
    return undefined;
  }
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
