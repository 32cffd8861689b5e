import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runNode } from './command-run.ts';
import { countJest } from './jest-report.ts';
import type { Step, StepContext, StepResult } from './step.ts';
import { closingLine } from './tally.ts';
import { testProjects } from './test-projects.ts';

/** Which test files: by their names, `x.redis.test.ts` start a Redis server and `x.test.ts` don't. */
const FILES = {
  tests: undefined,
  unit: '(?<!\\.redis)\\.test\\.ts$',
  redis: '\\.redis\\.test\\.ts$',
} as const;
export type TestKind = keyof typeof FILES;

/** They take seven minutes on two good cores, and twice that on bad ones; a run that hangs is ended. */
const TIMEOUT_MS = 1_200_000;
/** Two cores, and tests that measure time: more workers would make them wait for each other. */
const MAX_WORKERS = '2';

/** All tests of one kind in one run of jest, over all projects. */
export function tests(kind: TestKind): Step {
  return { name: kind, run: (context) => runJest(context, FILES[kind]) };
}

async function runJest(
  { root, signal, progress }: StepContext,
  files: string | undefined,
): Promise<StepResult> {
  const directory = mkdtempSync(join(tmpdir(), 'frame-buffer-checks-'));
  const reportFile = join(directory, 'jest.json');
  try {
    const args = ['--projects', ...testProjects(root), '--max-workers', MAX_WORKERS];
    const report = ['--json', '--outputFile', reportFile];
    const filter = files === undefined ? [] : ['--testPathPatterns', files];
    const run = await runNode(join(root, 'node_modules/.bin/jest'), [...args, ...report, ...filter], {
      cwd: root,
      signal,
      timeoutMs: TIMEOUT_MS,
      lingers: /^Jest did not exit/,
      env: { NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning' },
      onLine: (line) => {
        const plain = stripVTControlCharacters(line);
        if (/^(PASS|FAIL) /.test(plain)) progress(plain);
      },
    });
    const tally = countJest(read(reportFile), run.isOk);
    return {
      isOk: tally.failed === 0,
      tally,
      summary: [closingLine(tally), run.reason].filter(Boolean).join('; '),
      // The report comes on standard output as well; people read the other one.
      output: run.output.replace(run.stdout, ''),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
