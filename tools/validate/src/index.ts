export { type Finding, type Task, TASKS } from './finding.ts';
export { parseOptions, type ValidateOptions } from './options.ts';
export type { PerformanceFigures } from './performance-check.ts';
export { exitCodeOf, type Report, reportTable } from './report.ts';
export { validate } from './validate.ts';
