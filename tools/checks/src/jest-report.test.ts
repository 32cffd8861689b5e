import { countJest } from './jest-report.ts';

const report = (changes: object = {}): string =>
  JSON.stringify({
    success: true,
    numPassedTests: 12,
    numFailedTests: 0,
    numPendingTests: 1,
    numRuntimeErrorTestSuites: 0,
    ...changes,
  });

describe('countJest', () => {
  it('counts what jest counted', () => {
    expect(countJest(report({ success: false, numFailedTests: 3 }), false)).toEqual({
      passed: 12,
      failed: 3,
    });
  });

  it('counts a file that failed to run as a failed test', () => {
    const json = report({ success: false, numFailedTests: 3, numRuntimeErrorTestSuites: 2 });
    expect(countJest(json, false)).toEqual({ passed: 12, failed: 5 });
  });

  it('counts neither skipped tests nor anything else', () => {
    expect(countJest(report(), true)).toEqual({ passed: 12, failed: 0 });
  });

  it.each([
    ['there is no report', undefined, true],
    ['the report is torn', report().slice(0, 20), true],
    ['the report says something else', '{}', true],
    ['the report is null', 'null', true],
  ])('counts one failure where %s', (_what, json, hasExitedWell) => {
    expect(countJest(json, hasExitedWell)).toEqual({ passed: 0, failed: 1 });
  });

  it.each([
    ['no test ran', report({ numPassedTests: 0 }), true, 0],
    ['jest calls the run a failure', report({ success: false }), true, 12],
    ['jest exits badly', report(), false, 12],
  ])('counts one failure where %s though no test failed', (_what, json, hasExitedWell, passed) => {
    expect(countJest(json, hasExitedWell)).toEqual({ passed, failed: 1 });
  });
});
