import type { Finding } from './finding.ts';
import { exitCodeOf, reportTable } from './report.ts';

const findings: Finding[] = [
  { task: 'endToEnd', check: 'none has two', passed: false, detail: 'f-1' },
  { task: 'capture', check: 'stream present', passed: true, detail: 'frames:metadata, 3 entries' },
];

it('puts the checks under their tasks, in the order of the plan', () => {
  expect(reportTable({ passed: false, findings, performance: undefined })).toBe(
    [
      '1 capture to stream',
      '  ✓ stream present  frames:metadata, 3 entries',
      '3 end to end',
      '  ✗ none has two    f-1',
      '',
      '1 of 2 checks failed',
    ].join('\n'),
  );
});

it('ends with 0 only where every check passed', () => {
  expect([exitCodeOf({ passed: true }), exitCodeOf({ passed: false })]).toEqual([0, 1]);
});
