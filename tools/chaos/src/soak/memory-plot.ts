import type { ProcessLife } from './memory-watch.ts';

const WIDTH = 1_000;
const HEIGHT = 480;
const MARGIN = { left: 60, right: 20, top: 40, bottom: 40 };
const TICKS = 5;
/** Of the palette by Okabe and Ito, which everyone can tell apart. */
const COLOURS: readonly [role: string, colour: string][] = [
  ['redis', '#d55e00'],
  ['orchestrator', '#0072b2'],
  ['processor', '#009e73'],
];

/** Resident memory over time as an SVG picture, a line for each life of a process. */
export function memoryPlot(lives: readonly ProcessLife[], title: string): string {
  const samples = lives.flatMap((life) => life.samples);
  const endSeconds = Math.max(1, ...samples.map(({ atSeconds }) => atSeconds));
  const maxMb = Math.max(1, ...samples.map(({ megabytes }) => megabytes)) * 1.05;
  const x = (seconds: number): number =>
    MARGIN.left + (seconds / endSeconds) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (mb: number): number =>
    HEIGHT - MARGIN.bottom - (mb / maxMb) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ticks = Array.from({ length: TICKS + 1 }, (_none, i) => i / TICKS);
  const grid = ticks.flatMap((share) => [
    `<path d="M${MARGIN.left} ${fixed(y(share * maxMb))}H${WIDTH - MARGIN.right}" stroke="#ddd"/>`,
    `<text x="${MARGIN.left - 8}" y="${fixed(y(share * maxMb) + 4)}" text-anchor="end">${Math.round(share * maxMb)}</text>`,
    `<text x="${fixed(x(share * endSeconds))}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${Math.round(share * endSeconds)}</text>`,
  ]);
  const lines = lives.map(({ name, samples: points }) => {
    const path = points
      .map(({ atSeconds, megabytes }) => `${fixed(x(atSeconds))},${fixed(y(megabytes))}`)
      .join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colourOf(name)}" stroke-width="1.2"><title>${name}</title></polyline>`;
  });
  const legend = COLOURS.map(
    ([role, colour], i) => `<text x="${WIDTH - 340 + i * 110}" y="24" fill="${colour}">${role}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    '<rect width="100%" height="100%" fill="white"/>',
    `<text x="${MARGIN.left}" y="24" font-size="14">${title}</text>`,
    ...grid,
    `<text x="${WIDTH / 2}" y="${HEIGHT - 6}" text-anchor="middle">seconds</text>`,
    `<text x="14" y="${MARGIN.top - 12}">MB</text>`,
    ...legend,
    ...lines,
    '</svg>\n',
  ].join('\n');
}

const fixed = (figure: number): string => figure.toFixed(1);
const colourOf = (name: string): string => COLOURS.find(([role]) => name.startsWith(role))?.[1] ?? '#000';
