import { type Finding, TASKS, type Task } from './finding.ts';
import type { PerformanceFigures } from './performance-check.ts';

export interface Report {
  readonly passed: boolean;
  readonly findings: readonly Finding[];
  /** undefined where it didn't come to that. */
  readonly performance: PerformanceFigures | undefined;
}

/** A line for each check, the tasks in their order, and one that sums up. */
export function reportTable({ findings, passed }: Report): string {
  const width = Math.max(...findings.map(({ check }) => check.length), 0);
  const lines = (Object.keys(TASKS) as Task[]).flatMap((task, i) => {
    const own = findings.filter((finding) => finding.task === task);
    if (own.length === 0) return [];
    const rows = own.map(
      ({ check, passed: holds, detail }) => `  ${holds ? '✓' : '✗'} ${check.padEnd(width)}  ${detail}`,
    );
    return [`${i + 1} ${TASKS[task]}`, ...rows];
  });
  const failed = findings.filter((finding) => !finding.passed).length;
  const closing = passed
    ? `${findings.length} checks passed`
    : `${failed} of ${findings.length} checks failed`;
  return [...lines, '', closing].join('\n');
}

export const exitCodeOf = ({ passed }: Pick<Report, 'passed'>): number => (passed ? 0 : 1);
