import { type Linked, LinkedList } from './linked-list.ts';
import type { Candidate } from './processor.ts';

/** Where a camera's frames go. */
export interface Home extends Linked<Home> {
  readonly cameraId: string;
  host: Host;
  /** Its frames of late, in the unit of `CameraHomes`. */
  demand: number;
  movedAtMs: number;
  /** When another home was last sought in vain. */
  soughtAtMs: number;
}

/** A processor that is a home. */
export interface Host {
  readonly candidate: Candidate;
  cameras: number;
  /** Sum over its cameras, wherever their frames really went. */
  demand: number;
  /** When it went beyond its bound; undefined while it is within. */
  overSinceMs: number | undefined;
  /** When it last gave a camera away because it is slow. */
  gaveAtMs: number;
}

/** A frame counts half as much after 7 s: long enough for the noise of slow cameras to even out, short enough to follow the day. */
const DECAY_MS = 10_000;
/** e to the power of this is still far from the largest number. */
const MAX_AGE = 200 * DECAY_MS;

/**
 * The homes of cameras in one pool, and how many frames of late they ask of each processor. Frames count less the older they are: by
 * forward decay (Cormode, Shkapenyuk, Srivastava and Xu, 2009), the newer ones count more, and nothing need be touched as time goes by.
 * Bounded: when there are too many, the one unseen for longest is forgotten.
 */
export class CameraHomes {
  readonly #maxCameras: number;
  readonly #homes = new Map<string, Home>();
  readonly #longestUnseenFirst = new LinkedList<Home>();
  readonly #hosts = new Map<Candidate, Host>();
  #demand = 0;
  #lastMs: number | undefined;
  /** Time since frames counted 1. */
  #ageMs = 0;
  #unit = 1;

  constructor(maxCameras: number) {
    this.#maxCameras = maxCameras;
  }

  get size(): number {
    return this.#homes.size;
  }

  /** Sum over all cameras. */
  get demand(): number {
    return this.#demand;
  }

  /** What one frame counts now. */
  get unit(): number {
    return this.#unit;
  }

  get(cameraId: string): Home | undefined {
    return this.#homes.get(cameraId);
  }

  hostOf(candidate: Candidate): Host | undefined {
    return this.#hosts.get(candidate);
  }

  /** A clock that steps back counts as no time. */
  advance(nowMs: number): void {
    if (nowMs === this.#lastMs) return;
    const elapsedMs = nowMs - (this.#lastMs ?? nowMs);
    this.#lastMs = nowMs;
    if (!(elapsedMs > 0)) return;
    this.#ageMs += elapsedMs;
    if (this.#ageMs > MAX_AGE) this.#rescale();
    this.#unit = Math.exp(this.#ageMs / DECAY_MS);
  }

  /** One more frame of this camera. */
  count(home: Home): void {
    if (this.#longestUnseenFirst.last !== home) {
      this.#longestUnseenFirst.delete(home);
      this.#longestUnseenFirst.append(home);
    }
    this.#add(home, this.#unit);
  }

  /** Gives a camera a home, or another one, to which its demand moves along. */
  settle(cameraId: string, candidate: Candidate, nowMs: number): Home {
    let home = this.#homes.get(cameraId);
    if (home) {
      this.#leave(home);
      home.host = this.#enter(candidate);
      home.host.demand += home.demand;
      home.movedAtMs = nowMs;
      return home;
    }
    home = {
      cameraId,
      host: this.#enter(candidate),
      demand: 0,
      movedAtMs: Number.NEGATIVE_INFINITY,
      soughtAtMs: Number.NEGATIVE_INFINITY,
      list: undefined,
      before: undefined,
      after: undefined,
    };
    this.#homes.set(cameraId, home);
    this.#longestUnseenFirst.append(home);
    const { first } = this.#longestUnseenFirst;
    if (first && this.#homes.size > this.#maxCameras) this.#forget(first);
    return home;
  }

  #add(home: Home, demand: number): void {
    home.demand += demand;
    home.host.demand += demand;
    this.#demand += demand;
  }

  #enter(candidate: Candidate): Host {
    let host = this.#hosts.get(candidate);
    if (!host) {
      host = {
        candidate,
        cameras: 0,
        demand: 0,
        overSinceMs: undefined,
        gaveAtMs: Number.NEGATIVE_INFINITY,
      };
      this.#hosts.set(candidate, host);
    }
    host.cameras++;
    return host;
  }

  #leave({ host, demand }: Home): void {
    host.demand -= demand;
    host.cameras--;
    if (host.cameras === 0) this.#hosts.delete(host.candidate);
  }

  #forget(home: Home): void {
    this.#homes.delete(home.cameraId);
    this.#longestUnseenFirst.delete(home);
    this.#leave(home);
    this.#demand -= home.demand;
  }

  /** Lets frames count 1 again. The sums are made anew, so that rounding never piles up. */
  #rescale(): void {
    const factor = Math.exp(-this.#ageMs / DECAY_MS);
    this.#ageMs = 0;
    this.#demand = 0;
    for (const host of this.#hosts.values()) host.demand = 0;
    for (const home of this.#homes.values()) {
      const demand = home.demand * factor;
      home.demand = 0;
      this.#add(home, demand);
    }
  }
}
