import { faultsOfMainJob } from './main-job-report.ts';

const good = { captured: 150, completed: 150, duplicates: 0, unaccounted: 0 };

describe('faultsOfMainJob', () => {
  it('finds nothing wrong where every frame is completed once', () => {
    expect(faultsOfMainJob(JSON.stringify(good))).toEqual([]);
  });

  it('reads the last JSON object where other lines come before it', () => {
    expect(faultsOfMainJob(`starting\n{"captured":1}\n${JSON.stringify(good)}\n`)).toEqual([]);
  });

  it('reads a report over several lines', () => {
    expect(faultsOfMainJob(JSON.stringify(good, null, 2))).toEqual([]);
  });

  it.each([
    [{ captured: 0, completed: 0 }, 'captured: expected more than 0, found 0'],
    [{ completed: 149 }, 'completed: expected 150 as captured, found 149'],
    [{ duplicates: 1 }, 'duplicates: expected 0, found 1'],
    [{ unaccounted: -1 }, 'unaccounted: expected 0, found -1'],
    [{ unaccounted: null }, 'unaccounted: expected 0, found null'],
  ])('finds fault with %j', (change, fault) => {
    expect(faultsOfMainJob(JSON.stringify({ ...good, ...change }))).toEqual([fault]);
  });

  it('reports all faults at once', () => {
    expect(faultsOfMainJob('{}')).toHaveLength(3);
  });

  it('finds fault with an output without a report', () => {
    expect(faultsOfMainJob('oops')).toEqual([expect.stringContaining('no JSON object')]);
  });
});
