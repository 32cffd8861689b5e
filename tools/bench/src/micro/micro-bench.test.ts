import { benchBreaker } from './breaker-bench.ts';
import { meanNs } from './mean-of-runs.ts';
import { benchPriorityQueue } from './priority-queue-bench.ts';

describe('the mean time of a step', () => {
  it('does the steps it is told, and warms up before', () => {
    const asked: number[] = [];
    expect(meanNs(1000, (steps) => asked.push(steps))).toBeGreaterThan(0);
    expect(asked).toEqual([250, 1000, 1000, 1000, 1000, 1000]);
  });

  it('grows with the work', () => {
    let sum = 0;
    const spin = (rounds: number) => (steps: number) => {
      for (let i = 0; i < steps * rounds; i++) sum += Math.sqrt(i);
    };
    const one = meanNs(2_000, spin(10));
    expect(meanNs(2_000, spin(500))).toBeGreaterThan(one * 5);
    expect(sum).toBeGreaterThan(0);
  });
});

describe('what belongs to every frame', () => {
  it('is measured of the circuit breaker', () => {
    expect(benchBreaker(2_000).acquireNs).toBeGreaterThan(0);
  });

  it('is measured of the priority queue', () => {
    expect(benchPriorityQueue(2_000).pushPopNs).toBeGreaterThan(0);
  });
});
