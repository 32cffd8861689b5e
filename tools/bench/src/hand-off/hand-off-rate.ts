/**
 * The rate of a run, from the moments (ms) at which its frames were handed off, in any order.
 *
 * The first share of the frames is warm-up: programs start cold. A batch bears the moment at which its script began, so the
 * frames of the last moment were still being worked on then, and don't count.
 * @returns frames per second; NaN where all frames that count bear one moment
 */
export function handOffRate(momentsMs: readonly number[], warmUpShare: number): number {
  const sorted = [...momentsMs].sort((a, b) => a - b);
  const firstMs = sorted[Math.floor(sorted.length * warmUpShare)];
  const lastMs = sorted.at(-1);
  if (firstMs === undefined || lastMs === undefined || firstMs === lastMs) return NaN;
  const frames = sorted.filter((ms) => ms >= firstMs && ms < lastMs).length;
  return (frames / (lastMs - firstMs)) * 1000;
}
