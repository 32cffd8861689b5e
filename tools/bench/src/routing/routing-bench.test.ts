import { benchRouting, STRATEGIES } from './routing-bench.ts';

describe('benchRouting', () => {
  it('measures every strategy at 50 and 1000 processors, and names the default first', () => {
    const lines: string[] = [];
    const report = benchRouting({ decisions: 2_000, say: (line) => lines.push(line) });
    expect(Object.keys(report.strategies)).toEqual(STRATEGIES);
    for (const figures of [report, ...Object.values(report.strategies)]) {
      expect(figures['50'].meanNs).toBeGreaterThan(0);
      expect(figures['1000'].meanNs).toBeGreaterThan(0);
    }
    expect(report['50']).toEqual(report.strategies.least_loaded['50']);
    expect(lines).toHaveLength(STRATEGIES.length);
  });
});
