import { reportOf, resultLines, tableOf } from './report.ts';
import type { ScenarioResult } from './scenario.ts';

const result = (overrides: Partial<ScenarioResult> = {}): ScenarioResult => ({
  ...{
    name: 'kill-redis',
    seed: 7,
    published: 900,
    completed: 900,
    deadLettered: 0,
    unaccounted: 0,
    duplicates: 0,
  },
  ...{ recoveryMs: 210, passed: true, faults: [], notes: [], tookMs: 6_200 },
  ...overrides,
});
const failed = result({ name: 'cut-links', passed: false, unaccounted: 1, faults: ['one frame is missing'] });

describe('reportOf', () => {
  it('has what the last line of --json promises, and no more', () => {
    expect(reportOf([result(), failed])).toEqual({
      scenarios: [
        {
          ...{ name: 'kill-redis', published: 900, completed: 900, deadLettered: 0, unaccounted: 0 },
          ...{ duplicates: 0, recoveryMs: 210, passed: true },
        },
        {
          ...{ name: 'cut-links', published: 900, completed: 900, deadLettered: 0, unaccounted: 1 },
          ...{ duplicates: 0, recoveryMs: 210, passed: false },
        },
      ],
      passed: 1,
      failed: 1,
    });
  });
});

describe('resultLines', () => {
  it('says in one line that a scenario passed', () => {
    expect(resultLines(result(), 'logs')).toEqual([
      'kill-redis                   passed  900 frames, flowing again after 210 ms  (6.2 s)',
    ]);
  });

  it('says of a failure why, and how to see it again', () => {
    const lines = resultLines(failed, 'logs');
    expect(lines).toContain('  fault: one frame is missing');
    expect(lines.at(-1)).toContain('npm run chaos -- --only cut-links --seed 7');
  });
});

describe('tableOf', () => {
  it('has a row for each scenario', () => {
    const rows = tableOf([result(), failed]).split('\n');
    expect(rows).toHaveLength(3);
    expect(rows[2]).toMatch(/^cut-links .* FAILED$/);
  });
});
