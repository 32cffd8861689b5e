import { ONE_FAILED, type Tally } from './tally.ts';

/** What is read of the file that `jest --json --outputFile` writes. */
interface JestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  /** Files that failed before or beside their tests: they have no failed test to count. */
  readonly numRuntimeErrorTestSuites: number;
}

/**
 * Counts a run of jest from its own report. A file that failed to run counts as a failed test, and so does a run
 * without a report, without a single test, or that failed for any other reason.
 */
export function countJest(json: string | undefined, hasExitedWell: boolean): Tally {
  const report = json === undefined ? undefined : parse(json);
  if (!report) return ONE_FAILED;
  const { numPassedTests: passed, numFailedTests, numRuntimeErrorTestSuites } = report;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  const hasFailedOtherwise = failed === 0 && (passed === 0 || !report.success || !hasExitedWell);
  return { passed, failed: hasFailedOtherwise ? 1 : failed };
}

function parse(json: string): JestReport | undefined {
  try {
    const report = JSON.parse(json) as Partial<JestReport> | null;
    const counts = [report?.numPassedTests, report?.numFailedTests, report?.numRuntimeErrorTestSuites];
    return counts.every(Number.isInteger) ? (report as JestReport) : undefined;
  } catch {
    return undefined;
  }
}
