import { CAPABILITIES, capabilitiesOf } from '../traffic/frames.ts';

/** What became of every frame, in a byte for each: millions of them are no burden. */
export interface FrameTally {
  published(number: number): void;
  /** A result as `resultKey` writes it. */
  result(key: string): void;
  readonly figures: TallyFigures;
  /** Numbers of frames that lack a result, the first ones. */
  missing(limit: number): number[];
}

export interface TallyFigures {
  readonly published: number;
  /** Frames with a result for each capability that they asked for. */
  readonly completed: number;
  /** Results beyond the first for a frame and capability. */
  readonly duplicates: number;
  /** Results that nobody asked for. */
  readonly unknown: number;
}

const PUBLISHED = 1;
const FRAME_NUMBER = /^frame-(\d+)$/;
const FIRST_SIZE = 1 << 20;

export function createFrameTally(): FrameTally {
  let flags = new Uint8Array(FIRST_SIZE);
  const figures = { published: 0, completed: 0, duplicates: 0, unknown: 0 };
  let end = 0;

  function at(number: number): number {
    if (number >= flags.length) {
      const larger = new Uint8Array(Math.max(2 * flags.length, number + 1));
      larger.set(flags);
      flags = larger;
    }
    end = Math.max(end, number + 1);
    return flags[number] as number;
  }

  /** A result may be seen before its frame's acknowledgement was. */
  function mark(number: number, bit: number): void {
    const wanted = PUBLISHED | wantedBits(number);
    const before = at(number);
    flags[number] = before | bit;
    if (before !== wanted && flags[number] === wanted) figures.completed++;
  }

  return {
    figures,
    published(number) {
      if (at(number) & PUBLISHED) return;
      figures.published++;
      mark(number, PUBLISHED);
    },
    result(key) {
      const [frameId = '', capability = ''] = key.split(' ');
      const number = Number(FRAME_NUMBER.exec(frameId)?.[1] ?? Number.NaN);
      const bit = bitOf(capability);
      if (!Number.isSafeInteger(number) || !(wantedBits(number) & bit)) figures.unknown++;
      else if (at(number) & bit) figures.duplicates++;
      else mark(number, bit);
    },
    missing(limit) {
      const numbers: number[] = [];
      for (let number = 0; number < end && numbers.length < limit; number++) {
        const flag = flags[number] as number;
        if (flag & PUBLISHED && flag !== (PUBLISHED | wantedBits(number))) numbers.push(number);
      }
      return numbers;
    },
  };
}

const bitOf = (capability: string): number => 2 << CAPABILITIES.indexOf(capability);

const wantedBits = (number: number): number =>
  capabilitiesOf(number).reduce((bits, capability) => bits | bitOf(capability), 0);
