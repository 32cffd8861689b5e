export { reportOf, exitCodeOf, type Report } from './report.ts';
export { startSystem, type System, type SystemOptions } from './system.ts';
