import { join } from 'node:path';
import { runNode } from './command-run.ts';
import { faultsOfMainJob } from './main-job-report.ts';
import type { Step } from './step.ts';
import { ONE_FAILED, ONE_PASSED } from './tally.ts';

const ARGUMENTS = ['tools/main-job/src/main.ts', '--for', '5s', '--json'];
/** Five seconds of frames, and a start and a drain that take their time on a loaded machine. */
const TIMEOUT_MS = 90_000;

/** The whole system for five seconds, as `npm start` runs it: one test, passed where the books balance. */
export const MAIN_JOB: Step = {
  name: 'main-job',
  async run({ root, signal }) {
    const run = await runNode(join(root, 'tools/setup/src/run.mjs'), ARGUMENTS, {
      cwd: root,
      signal,
      timeoutMs: TIMEOUT_MS,
    });
    const faults = [...(run.reason ? [`it ${run.reason}`] : []), ...faultsOfMainJob(run.stdout)];
    const isOk = faults.length === 0;
    return {
      isOk,
      tally: isOk ? ONE_PASSED : ONE_FAILED,
      summary: isOk ? undefined : faults.join('; '),
      output: run.output,
    };
  },
};
