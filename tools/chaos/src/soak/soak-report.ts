import { type Books, inFlight } from '@frame-buffer/models';
import { type Flatness, flatnessOf } from './flatness.ts';
import type { FrameTally } from './frame-tally.ts';
import type { ProcessLife } from './memory-watch.ts';

/** The last line of a soak with --json. */
export interface SoakReport {
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly kills: number;
  readonly published: number;
  readonly completed: number;
  readonly deadLettered: number;
  /** By our own list of frames, or by the books at the end or at any reading in between, whichever is more. */
  readonly unaccounted: number;
  readonly duplicates: number;
  /** Every life of a process, with its memory in MB. */
  readonly processes: readonly (Flatness & { readonly name: string })[];
  readonly plot: string;
  readonly passed: boolean;
  readonly faults: readonly string[];
}

export interface SoakEvidence {
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly kills: number;
  readonly deadLettered: number;
  readonly plot: string;
  /** Frames that could not be published in the end. */
  readonly inDoubt: number;
  readonly tally: Pick<FrameTally, 'figures' | 'missing'>;
  readonly books: Books;
  readonly worstBooks: Books | undefined;
  readonly lives: readonly ProcessLife[];
  readonly troubles: readonly string[];
}

const EXAMPLES = 5;
const CEILING = 1.25;

export function soakReportOf(evidence: SoakEvidence): SoakReport {
  const { tally, books, worstBooks, deadLettered, troubles, inDoubt } = evidence;
  const { published, completed, duplicates, unknown } = tally.figures;
  const missing = published - completed;
  const processes = evidence.lives.map((life) => ({ name: life.name, ...rounded(flatnessOf(life.samples)) }));
  const larger = processes.filter(
    ({ name, isFlat, maxMb }) => isFlat === undefined && maxMb > ceilingOf(name, processes),
  );
  const growing = processes.filter(({ isFlat }) => isFlat === false);
  const faults = [
    ...troubles,
    ...(inDoubt > 0 ? [`${inDoubt} frames could not be published`] : []),
    ...(missing > 0 ? [`${missing} frames are not done, such as ${tally.missing(EXAMPLES).join(', ')}`] : []),
    ...(duplicates > 0 ? [`${duplicates} second results`] : []),
    ...(unknown > 0 ? [`${unknown} results that nobody asked for`] : []),
    ...(deadLettered > 0 ? [`${deadLettered} dead letters`] : []),
    ...(books.captured === published
      ? []
      : [`${published} published, ${books.captured} captured by the books`]),
    ...(inFlight(books) > 0 ? [`frames are still under way: ${JSON.stringify(books)}`] : []),
    ...(books.unaccounted > 0 ? [`the books end unbalanced: ${JSON.stringify(books)}`] : []),
    ...(worstBooks ? [`the books did not balance meanwhile: ${JSON.stringify(worstBooks)}`] : []),
    ...(processes.length === 0 ? ['no process was seen, so nothing is known of their memory'] : []),
    ...larger.map(
      ({ name, maxMb }) => `${name} came to ${maxMb} MB, more than those of its kind that lived long`,
    ),
    ...growing.map(({ name, growthMb }) => `${name} grew by ${growthMb} MB over the second half of its life`),
  ];
  const { seconds, framesPerSecond, kills, plot } = evidence;
  return {
    ...{ seconds: Math.round(seconds), framesPerSecond, kills, published, completed, deadLettered },
    unaccounted: Math.max(missing, books.unaccounted, worstBooks?.unaccounted ?? 0),
    ...{ duplicates, processes, plot, passed: faults.length === 0, faults },
  };
}

/** What a short life may come to: what the long ones of its kind did, and a little more; anything where there is none. */
function ceilingOf(name: string, processes: SoakReport['processes']): number {
  const kind = kindOf(name);
  const long = processes.filter((each) => each.isFlat !== undefined && kindOf(each.name) === kind);
  return long.length === 0 ? Number.POSITIVE_INFINITY : CEILING * Math.max(...long.map(({ maxMb }) => maxMb));
}

const kindOf = (name: string): string => name.replace(/-\d+$/, '');

const round = (figure: number): number => Math.round(figure * 10) / 10;

const rounded = ({ seconds, firstMb, lastMb, maxMb, growthMb, isFlat }: Flatness): Flatness => ({
  ...{ seconds: Math.round(seconds), firstMb: round(firstMb), lastMb: round(lastMb), maxMb: round(maxMb) },
  growthMb: growthMb === undefined ? undefined : round(growthMb),
  isFlat,
});

/** What a person reads at the end. */
export function soakTable(report: SoakReport): string {
  const cell = (figure: number | undefined): string =>
    (figure === undefined ? '-' : String(figure)).padStart(8);
  const judged = report.processes.filter(({ isFlat }) => isFlat !== undefined);
  return [
    `${'process'.padEnd(18)} seconds  firstMb   lastMb    maxMb growthMb`,
    ...judged.map(
      ({ name, seconds, firstMb, lastMb, maxMb, growthMb, isFlat }) =>
        `${name.padEnd(18)}${[seconds, firstMb, lastMb, maxMb, growthMb].map(cell).join(' ')}  ${isFlat ? 'flat' : 'GROWS'}`,
    ),
    `${report.processes.length - judged.length} more lives were too short to judge, at most ${Math.max(
      0,
      ...report.processes.filter(({ isFlat }) => isFlat === undefined).map(({ maxMb }) => maxMb),
    )} MB`,
  ].join('\n');
}
