import { runSteps } from './run-steps.ts';
import type { Step, StepResult } from './step.ts';

const step = (name: string, result: Partial<StepResult> = {}): Step => ({
  name,
  run: () =>
    Promise.resolve({ isOk: true, tally: { passed: 0, failed: 0 }, output: `output of ${name}`, ...result }),
});
const FAILURE = { isOk: false, tally: { passed: 0, failed: 1 }, summary: 'ended with 1' };

async function run(steps: Step[], signal = new AbortController().signal) {
  const lines: string[] = [];
  let nowMs = 0;
  const tally = await runSteps(steps, {
    root: '/',
    signal,
    print: (line) => lines.push(line),
    clock: () => (nowMs += 1_500),
  });
  return { lines, tally };
}

describe('runSteps', () => {
  it('says when a step starts, and how it went and for how long when it ends', async () => {
    const { lines } = await run([step('format')]);
    expect(lines).toEqual(['▸ format', '✓ format (1.5 s)']);
  });

  it('shows the output of a step that fails in full', async () => {
    const { lines } = await run([step('lint', FAILURE)]);
    expect(lines).toEqual(['▸ lint', 'output of lint', '✗ lint: ended with 1 (1.5 s)']);
  });

  it('goes on after a failure and adds up', async () => {
    const { tally } = await run([step('lint', FAILURE), step('tests', { tally: { passed: 9, failed: 0 } })]);
    expect(tally).toEqual({ passed: 9, failed: 1 });
  });

  it('counts a step that throws as failed', async () => {
    const { tally, lines } = await run([
      { name: 'odd', run: () => Promise.reject(new Error('out of order')) },
    ]);
    expect([tally.failed, lines.join('\n')]).toEqual([1, expect.stringContaining('out of order')]);
  });

  it('leaves out what comes after an interrupt, and counts it as failed', async () => {
    const { tally, lines } = await run([step('format'), step('lint')], AbortSignal.abort());
    expect([tally.failed, lines]).toEqual([2, ['✗ format: left out', '✗ lint: left out']]);
  });

  it('shows the progress of a step', async () => {
    const slow: Step = {
      name: 'tests',
      run: ({ progress }) => {
        progress('PASS a.test.ts');
        return step('tests').run({ root: '/', signal: AbortSignal.abort(), progress });
      },
    };
    expect((await run([slow])).lines).toEqual(['▸ tests', '    PASS a.test.ts', '✓ tests (1.5 s)']);
  });
});
