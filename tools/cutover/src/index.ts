export { runCutover, type CutoverOptions, type CutoverReport } from './cutover.ts';
