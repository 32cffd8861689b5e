export { reportOf, exitCodeOf, type Report } from './report.ts';
