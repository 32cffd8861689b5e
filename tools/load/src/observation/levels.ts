/** Pressure as the orchestrators see it: the highest level of any of them. */
export interface LevelSpan {
  /** Seconds since publishing began. */
  readonly atSeconds: number;
  readonly level: Level;
}

export const LEVELS = ['normal', 'moderate', 'high', 'critical'] as const;
export type Level = (typeof LEVELS)[number] | 'unknown';

/** The level in the text of an orchestrator's /metrics. */
export function levelIn(metrics: string): Level {
  const [, value] = /^frame_buffer_backpressure_level(?:\{[^}]*\})? (\S+)$/m.exec(metrics) ?? [];
  return LEVELS[Number(value)] ?? 'unknown';
}

/** The highest that is known. */
export function highest(levels: readonly Level[]): Level {
  return LEVELS.findLast((level) => levels.includes(level)) ?? 'unknown';
}

/** Levels over time: a span begins where the level is another one than before. */
export function addLevel(spans: LevelSpan[], level: Level, atSeconds: number): void {
  if (spans.at(-1)?.level !== level) spans.push({ atSeconds: Number(atSeconds.toFixed(2)), level });
}

const ANSWER_WITHIN_MS = 2_000;

/** Asks every orchestrator. One that doesn't answer doesn't count. */
export async function readLevel(orchestratorUrls: readonly string[]): Promise<Level> {
  const answers = orchestratorUrls.map(async (url): Promise<Level> => {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    return levelIn(await response.text());
  });
  const settled = await Promise.allSettled(answers);
  return highest(settled.map((one) => (one.status === 'fulfilled' ? one.value : 'unknown')));
}
