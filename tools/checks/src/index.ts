export { countJest } from './jest-report.ts';
export { faultsOfMainJob } from './main-job-report.ts';
export { closingLine, sum, type Tally } from './tally.ts';
