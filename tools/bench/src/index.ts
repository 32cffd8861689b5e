export { fixedRate, type Schedule } from './latency/schedule.ts';
export { startProgram, type Program, type ProgramOptions } from './program.ts';
export { waitFor, type WaitOptions } from './wait.ts';
