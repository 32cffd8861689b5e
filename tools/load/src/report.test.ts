import { createTally } from './observation/tally.ts';
import { latencyHistogram } from './observation/latency-histogram.ts';
import { closingText, exitCodeOf, reportOf, type ReportInput } from './report.ts';

const BOOKS = {
  captured: 10,
  fanout: 0,
  unread: 0,
  pendingInput: 0,
  waitingRetry: 0,
  outstanding: 0,
  completed: 8,
  deadLettered: 0,
  shed: 2,
  lostUpstream: 0,
  unaccounted: 0,
};

function input(changes: Partial<ReportInput> = {}): ReportInput {
  const tally = createTally({
    plan: { numberOf: Number, priorityOf: (number) => (number % 2 ? '9' : '0') },
    dueMs: (number) => number * 100,
    steadyFromMs: 200,
  });
  for (let number = 0; number < 8; number++)
    tally.result({ frame_id: String(number), capability: 'faces' }, number * 100 + 25);
  tally.shed({ frame_id: '8', shed_reason: 'superseded' });
  tally.shed({ frame_id: '9', shed_reason: 'superseded' });
  return {
    fps: 10,
    seconds: 1,
    warmUpSeconds: 0.2,
    slots: 0,
    heapMiB: { warm: null, atEnd: null, afterwards: null },
    resultsWhilePublishing: 7,
    publisher: { published: 10, refused: 0, unsent: 0, unanswered: 0, behindMs: 0 },
    delays: latencyHistogram().summary(),
    tally,
    levels: [
      { atSeconds: 0, level: 'normal' },
      { atSeconds: 1.2, level: 'high' },
    ],
    timeline: [],
    books: BOOKS,
    ...changes,
  };
}

describe('the report', () => {
  it('says what went in, came out, was given up, and when the pressure changed', () => {
    const text = closingText(reportOf(input()), 'the distribution');
    expect(text).toContain('10 frames in 1 s: 10/s of 10/s');
    expect(text).toContain('8 results, 7/s while frames came');
    expect(text).toContain('p50 25.0 p90 25.0 p99 25.0');
    expect(text).toMatch(/p50 25\.0 .* priority 9/);
    expect(text).toContain('normal from 0 s, high from 1.2 s');
    expect(text).toContain('shed     2 superseded');
    expect(text).toContain('the distribution');
    expect(text).toMatch(/= +8 {2}completed/);
    expect(text).not.toContain('fell behind');
  });

  it('says what the system did in the steady state, of what the processors can do', () => {
    const text = closingText(
      reportOf(
        input({
          heapMiB: { warm: 25, atEnd: 26.04, afterwards: 25.5 },
          levels: [{ atSeconds: 0, level: 'normal' }],
        }),
      ),
      '',
    );
    expect(text).toMatch(/age +p50 25\.0 .* \(of frames that were due then\)/);
    expect(text).toContain('pressure high –; normal after 0 s once no more frames came');
    expect(text).toContain('heap     25.0 MiB once warm, 26.0 MiB at the last frame, 25.5 MiB afterwards');
  });

  it('says where the publisher could not keep up, and what it could not learn', () => {
    const delays = latencyHistogram();
    delays.record(250);
    const text = closingText(
      reportOf(
        input({
          delays: delays.summary(),
          publisher: { published: 7, refused: 1, unsent: 2, unanswered: 3, behindMs: 0 },
          books: { ...BOOKS, completed: 4, outstanding: 4 },
        }),
      ),
      '',
    );
    expect(text).toContain('it fell behind: frames reached Redis up to 250');
    expect(text).toContain('2 frames were due and not sent');
    expect(text).toContain('Redis refused 1 frames');
    expect(text).toContain('Redis did not answer for 3 frames');
    expect(text).toContain('4 frames were still under way at the end');
  });

  it('fails a run that is not accounted for', () => {
    expect(exitCodeOf(reportOf(input()))).toBe(0);
    expect(exitCodeOf(reportOf(input({ books: { ...BOOKS, unaccounted: 1 } })))).toBe(1);
    const twice = input();
    twice.tally.result({ frame_id: '0', capability: 'faces' }, 30);
    expect(exitCodeOf(reportOf(twice))).toBe(1);
  });
});
