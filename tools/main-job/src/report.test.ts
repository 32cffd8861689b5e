import type { Books } from '@frame-buffer/models';
import { booksTable, closingText, exitCodeOf, reportOf, statusLine } from './report.ts';

const books: Books = {
  captured: 100,
  fanout: 0,
  unread: 1,
  pendingInput: 2,
  waitingRetry: 3,
  outstanding: 4,
  completed: 85,
  deadLettered: 3,
  shed: 1,
  lostUpstream: 1,
  unaccounted: 0,
};
const figures = { duplicates: 0, seconds: 10, latency: { p50: 7.126, p99: 24 } };

describe('the report', () => {
  it('has the figures that its readers rely on, by these names', () => {
    expect(reportOf(books, figures)).toEqual({
      captured: 100,
      completed: 85,
      deadLettered: 3,
      shed: 1,
      lostUpstream: 1,
      inFlight: 10,
      unaccounted: 0,
      duplicates: 0,
      fps: 8.5,
      latencyMs: { p50: 7.13, p99: 24 },
    });
  });

  it('is JSON also where nothing was completed', () => {
    const report = reportOf(
      { ...books, completed: 0 },
      { ...figures, latency: { p50: Number.NaN, p99: Number.NaN } },
    );
    expect(JSON.parse(JSON.stringify(report)).latencyMs).toEqual({ p50: 0, p99: 0 });
  });

  it.each([
    [0, 0, 0],
    [1, 0, 1],
    [0, 1, 1],
  ])('with %d unaccounted and %d duplicates ends with %d', (unaccounted, duplicates, code) => {
    expect(exitCodeOf(reportOf({ ...books, unaccounted }, { ...figures, duplicates }))).toBe(code);
  });
});

describe('what a person sees', () => {
  it.each([books, { ...books, fanout: 20, completed: 105 }])('is a sum that comes out', (given) => {
    const numbers = [...booksTable(given).matchAll(/^[=+ ] +(\d+) {2}\w/gm)].map(([, number]) =>
      Number(number),
    );
    const [captured, ...parts] = numbers;
    expect(captured).toBe(given.captured + given.fanout);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(captured);
  });

  it('ends with the figures of the run', () => {
    expect(closingText(books, reportOf(books, figures))).toContain(
      '0 duplicate results · 8.5 frames/s · capture to result p50 7.13 ms, p99 24 ms',
    );
  });

  it('is one line while it runs', () => {
    const line = statusLine(books, {
      seconds: 75,
      inRate: 30.2,
      outRate: 29.8,
      latency: { p50: Number.NaN, p99: 12.34 },
    });
    expect(line).toBe(
      '01:15  in 100 (30/s)  out 85 (30/s)  waiting 6  in process 4  p50 – p99 12.3 ms  unaccounted 0',
    );
  });
});
