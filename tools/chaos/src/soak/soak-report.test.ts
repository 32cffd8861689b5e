import type { Books } from '@frame-buffer/models';
import { createFrameTally } from './frame-tally.ts';
import type { MemorySample } from './flatness.ts';
import { type SoakEvidence, soakReportOf, soakTable } from './soak-report.ts';

const EMPTY: Books = {
  ...{ captured: 1, fanout: 0, unread: 0, pendingInput: 0, waitingRetry: 0, outstanding: 0 },
  ...{ completed: 1, deadLettered: 0, shed: 0, lostUpstream: 0, unaccounted: 0 },
};

const life = (name: string, seconds: number, megabytesAt: (second: number) => number) => ({
  ...{ name, pid: 1 },
  samples: Array.from({ length: seconds + 1 }, (_none, at): MemorySample => ({
    atSeconds: at,
    megabytes: megabytesAt(at),
  })),
});

function evidence(more: Partial<SoakEvidence> = {}): SoakEvidence {
  const tally = createFrameTally();
  tally.published(1);
  tally.result('frame-1 look');
  return {
    ...{ seconds: 600, framesPerSecond: 2_000, kills: 3, deadLettered: 0, plot: 'soak.svg', inDoubt: 0 },
    ...{ tally, books: EMPTY, worstBooks: undefined, troubles: [] },
    lives: [
      life('redis', 600, () => 20),
      life('processor-1', 600, () => 200),
      life('processor-2', 60, () => 210),
    ],
    ...more,
  };
}

describe('soakReportOf', () => {
  it('passes where every frame is done, the books balance and memory is flat', () => {
    const report = soakReportOf(evidence());
    expect(report).toMatchObject({ published: 1, completed: 1, unaccounted: 0, passed: true, faults: [] });
    expect(soakTable(report)).toContain('1 more lives were too short to judge, at most 210 MB');
  });

  it('names a process that grows', () => {
    const { faults } = soakReportOf(evidence({ lives: [life('redis', 600, (at) => 20 + at)] }));
    expect(faults).toEqual([expect.stringMatching(/^redis grew by 300 MB/)]);
  });

  it('names a short life that comes to more than the long ones of its kind', () => {
    const lives = [life('processor-1', 600, () => 200), life('processor-2', 60, () => 300)];
    expect(soakReportOf(evidence({ lives })).faults).toEqual([
      expect.stringContaining('processor-2 came to 300 MB'),
    ]);
  });

  it('fails where a frame is missing, came twice, or the books did not balance meanwhile', () => {
    const tally = createFrameTally();
    for (const number of [1, 2]) tally.published(number);
    for (let time = 0; time < 2; time++) tally.result('frame-1 look');
    const worstBooks = { ...EMPTY, unaccounted: 7 };
    const report = soakReportOf(evidence({ tally, books: { ...EMPTY, captured: 2 }, worstBooks }));
    expect(report).toMatchObject({ unaccounted: 7, duplicates: 1, passed: false });
    expect(report.faults).toHaveLength(3);
  });
});
