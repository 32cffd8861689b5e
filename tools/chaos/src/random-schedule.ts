import { createRng, type Rng } from './rng.ts';

/** Who something happens to. Lanes go on side by side; within one, things happen one after another. */
export type Lane = 'orchestrators' | 'processors' | 'redis';

export type Act = 'kill' | 'terminate' | 'pause' | 'cut' | 'cut-command' | 'stall' | 'stall-answers';

export interface Step {
  /** Since the step before. */
  readonly afterMs: number;
  readonly act: Act;
  /** Which one of those that live then: from 0, below 1. */
  readonly which: number;
  /** How long it stands still, is cut off, or is missed before another starts. */
  readonly forMs: number;
  /** For `cut-command`: after so many bytes. */
  readonly bytes: number;
}

export type Schedule = Readonly<Record<Lane, readonly Step[]>>;

const ACTS: Readonly<Record<Lane, readonly Act[]>> = {
  orchestrators: ['kill', 'terminate', 'pause', 'cut', 'cut-command', 'stall', 'stall-answers'],
  processors: ['kill', 'terminate', 'pause', 'cut', 'cut-command', 'stall', 'stall-answers'],
  redis: ['kill', 'terminate', 'pause'],
};
const STEPS: Readonly<Record<Lane, readonly [minimum: number, maximum: number]>> = {
  orchestrators: [2, 4],
  processors: [2, 4],
  redis: [0, 2],
};

/** The same seed gives the same schedule. */
export function scheduleOf(seed: number): Schedule {
  const rng = createRng(seed);
  const lane = (name: Lane): Step[] =>
    Array.from({ length: rng.between(...STEPS[name]) }, () => stepOf(name, rng));
  return { orchestrators: lane('orchestrators'), processors: lane('processors'), redis: lane('redis') };
}

function stepOf(lane: Lane, rng: Rng): Step {
  return {
    afterMs: rng.between(0, 1_500),
    act: rng.pick(ACTS[lane]),
    which: rng.next(),
    // Sometimes longer than a lease, mostly shorter.
    forMs: rng.next() < 0.2 ? rng.between(5_000, 7_000) : rng.between(50, 2_000),
    bytes: rng.between(0, 3_000),
  };
}
