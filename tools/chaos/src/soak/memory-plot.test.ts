import { memoryPlot } from './memory-plot.ts';

const samples = [
  { atSeconds: 0, megabytes: 50 },
  { atSeconds: 10, megabytes: 100 },
];

describe('memoryPlot', () => {
  it('draws a line for each life, within the picture', () => {
    const svg = memoryPlot(
      [
        { name: 'redis', pid: 1, samples },
        { name: 'orchestrator-1', pid: 2, samples },
        { name: 'processor-4', pid: 3, samples },
      ],
      'a soak',
    );
    expect(svg.match(/<polyline /g)).toHaveLength(3);
    expect(svg).toContain('a soak');
    const points = [...svg.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)] as const);
    expect(points).toHaveLength(6);
    for (const [x, y] of points) expect(x >= 60 && x <= 980 && y >= 40 && y <= 440).toBe(true);
  });

  it('draws an empty picture where nothing was seen', () => {
    expect(memoryPlot([], 'nothing')).toMatch(/^<svg [^]*<\/svg>\n$/);
  });
});
