/** What `npm start -- --json` must say for the run to count as passed. */
interface MainJobReport {
  readonly captured: number;
  readonly completed: number;
  readonly duplicates: number;
  readonly unaccounted: number;
}

/**
 * Judges what the main job wrote on its standard output: its report is the last line that is a JSON object, or the whole.
 * @returns what is wrong, one sentence for each fault; empty where every captured frame is completed exactly once
 */
export function faultsOfMainJob(output: string): string[] {
  const report = parse(output);
  if (!report)
    return [`no JSON object with a report was found in its output: ${JSON.stringify(output.slice(-200))}`];
  const { captured, completed, duplicates, unaccounted } = report;
  const faults: string[] = [];
  if (!(Number(captured) > 0)) faults.push(`captured: expected more than 0, found ${captured}`);
  if (completed !== captured) faults.push(`completed: expected ${captured} as captured, found ${completed}`);
  if (duplicates !== 0) faults.push(`duplicates: expected 0, found ${duplicates}`);
  if (unaccounted !== 0) faults.push(`unaccounted: expected 0, found ${unaccounted}`);
  return faults;
}

function parse(output: string): Partial<MainJobReport> | undefined {
  for (const candidate of [output, ...output.split('\n').reverse()]) {
    try {
      const value: unknown = JSON.parse(candidate);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}
