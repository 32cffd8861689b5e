import { rendezvousScore } from './rendezvous.ts';

const nodes = Array.from({ length: 10 }, (_none, i) => `processor-${i}`);
const homeOf = (
  key: string,
  among: readonly string[],
  weight: (node: string) => number = () => 1,
): string | undefined =>
  among.toSorted((a, b) => rendezvousScore(key, b, weight(b)) - rendezvousScore(key, a, weight(a)))[0];

/** How many of so many keys have each of these homes. */
function spread(keys: number, weight?: (node: string) => number): number[] {
  const homes = Array.from({ length: keys }, (_none, i) => homeOf(`camera-${i}`, nodes, weight));
  return nodes.map((node) => homes.filter((home) => home === node).length);
}

describe('rendezvous hashing', () => {
  it('spreads similar keys evenly over similar nodes', () => {
    for (const count of spread(10_000)) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('gives a node of three times the weight three times the keys', () => {
    const [heavy = 0] = spread(12_000, (node) => (node === nodes[0] ? 3 : 1));
    expect(Math.abs(heavy - 3000)).toBeLessThan(200);
  });

  it('takes from all alike for a node that comes, and moves nothing else', () => {
    for (let i = 0; i < 2000; i++) {
      const key = `camera-${i}`;
      const [before, after] = [homeOf(key, nodes.slice(1)), homeOf(key, nodes)];
      if (after !== nodes[0]) expect(after).toBe(before);
    }
  });

  it('gives a score above 0 to any text', () => {
    for (const text of ['', 'a', '🎥', 'x'.repeat(1000)]) {
      const score = rendezvousScore(text, text, 1);
      expect(score).toBeGreaterThan(0);
      expect(score).toBeLessThan(Infinity);
    }
  });
});
