import { CameraHomes, type Home, type Host } from './camera-homes.ts';
import { byLoad } from './least-loaded.ts';
import type { Pool } from './pool.ts';
import { type Candidate, hasCredit, type RouteRequest, strengthOf } from './processor.ts';
import { rendezvousScore } from './rendezvous.ts';
import type { Choice, Strategy, StrategyTools } from './strategy.ts';

/** A camera has another home. */
export interface Move {
  readonly cameraId: string;
  readonly from: string;
  readonly to: string;
  readonly reason: 'unavailable' | 'overloaded';
  readonly atMs: number;
}

export interface AffinityOptions {
  /** A home may be this many times as loaded as the pool's mean before its cameras move. */
  readonly loadBound: number;
  /** How long it must be beyond the bound, so that a burst moves nobody. */
  readonly moveGraceMs: number;
  /** Cameras remembered in each pool; the one unseen for longest is forgotten first, and hashes to its home again. */
  readonly maxCameras: number;
  readonly onMove: (move: Move) => void;
}

/** A share of outstanding frames below this is no overload, however idle the others are. */
const LOW_LOAD = 0.5;
/** So many frames beyond the bound are chance. */
const SLACK_FRAMES = 3;
/** After so many grace periods a camera that left an overloaded home may leave the next one: one too hot for any must not wander. */
const REST_GRACES = 10;

/*
 * A camera stays with one processor: rendezvous hashing with bounded load (Mirrokni, Thorup and Zadimoghaddam, Consistent Hashing with
 * Bounded Loads, 2018).
 *
 *  A1  Its home changes only when that one is gone or may not serve it (`failover`), or was beyond the bound for the grace period.
 *  A2  Beyond the bound is a home whose cameras ask more than `loadBound` times what the pool's mean is, or which is slower than others:
 *      its share of outstanding frames is as much above theirs, and above LOW_LOAD.
 *  A3  A camera moves only to a processor that stays within the bound with it, so no more cameras move than must. Demand moves along at
 *      once; outstanding frames don't, so a home that is slow gives away one camera in each grace period.
 *  A4  While its home has no credit, or is beyond the bound and no other is within, single frames go elsewhere (`overflow`).
 */
export function affinity({ clock }: StrategyTools, options: AffinityOptions): Strategy {
  const { loadBound, moveGraceMs, maxCameras, onMove } = options;
  const homesOfPool = new WeakMap<Pool, CameraHomes>();

  function homesOf(pool: Pool): CameraHomes {
    let homes = homesOfPool.get(pool);
    if (!homes) homesOfPool.set(pool, (homes = new CameraHomes(maxCameras)));
    return homes;
  }

  const isSlow = (pool: Pool, { load }: Candidate): boolean =>
    load > LOW_LOAD && load > loadBound * pool.meanLoad();

  /** Frames that its cameras may ask of a processor. */
  const boundOf = (pool: Pool, { demand, unit }: CameraHomes, candidate: Candidate): number =>
    loadBound * demand * (strengthOf(candidate) / pool.strength) + SLACK_FRAMES * unit;

  const asksTooMuch = (pool: Pool, homes: CameraHomes, host: Host): boolean =>
    host.demand > boundOf(pool, homes, host.candidate);

  const isBeyond = (pool: Pool, homes: CameraHomes, host: Host): boolean =>
    asksTooMuch(pool, homes, host) || isSlow(pool, host.candidate);

  const isOverdue = ({ overSinceMs }: Host, nowMs: number): boolean =>
    overSinceMs !== undefined && nowMs - overSinceMs >= moveGraceMs;

  /** The candidate with the highest score among those that may serve and fit. */
  function nearest(
    pool: Pool,
    request: RouteRequest,
    fits: (candidate: Candidate) => boolean,
  ): Candidate | undefined {
    let best: Candidate | undefined;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (const candidate of pool.members) {
      if (!pool.mayServe(candidate) || !pool.accepts(candidate, request)) continue;
      const score = scoreOf(candidate, request);
      if (score > bestScore && fits(candidate)) [best, bestScore] = [candidate, score];
    }
    return best;
  }

  /** A home for a camera that has none that could serve it. */
  function findHome(pool: Pool, homes: CameraHomes, request: RouteRequest, demand: number, nowMs: number) {
    const fits = (candidate: Candidate): boolean => {
      const host = homes.hostOf(candidate);
      if (!host) return true;
      if (isOverdue(host, nowMs) && isBeyond(pool, homes, host)) return false;
      return demand === 0 || host.demand + demand <= boundOf(pool, homes, candidate);
    };
    return nearest(pool, request, fits) ?? nearest(pool, request, () => true);
  }

  /** A better home than one that is beyond the bound. */
  function findBetter(
    pool: Pool,
    homes: CameraHomes,
    request: RouteRequest,
    { host, demand }: Home,
  ): Candidate | undefined {
    return nearest(pool, request, (candidate) => {
      if (candidate === host.candidate || isSlow(pool, candidate)) return false;
      const strength = strengthOf(candidate);
      const asked = homes.hostOf(candidate)?.demand;
      if (asked !== undefined) return asked + demand <= boundOf(pool, homes, candidate);
      // One without cameras may take one in any case, if that isn't to carry the overload from here to there.
      const share = demand / strength;
      return isSlow(pool, host.candidate) || share * loadBound < host.demand / strengthOf(host.candidate);
    });
  }

  /** A1: keeps book of how long a home has been beyond its bound. @returns whether longer than the grace period */
  function watch(pool: Pool, homes: CameraHomes, host: Host, nowMs: number): boolean {
    if (!isBeyond(pool, homes, host)) host.overSinceMs = undefined;
    // A clock that steps back must not make the grace period longer.
    else if (host.overSinceMs === undefined || host.overSinceMs > nowMs) host.overSinceMs = nowMs;
    return isOverdue(host, nowMs);
  }

  /** A moment that a clock that stepped back has made one to come counts as long ago. */
  const hasRested = (sinceMs: number, graces: number, nowMs: number): boolean =>
    nowMs < sinceMs || nowMs - sinceMs >= graces * moveGraceMs;

  const mayLeave = ({ host, movedAtMs, soughtAtMs }: Home, nowMs: number): boolean =>
    hasRested(movedAtMs, REST_GRACES, nowMs) &&
    hasRested(soughtAtMs, 1, nowMs) &&
    hasRested(host.gaveAtMs, 1, nowMs);

  /** A3. And a search in vain is not repeated for each frame. */
  function remember(
    pool: Pool,
    homes: CameraHomes,
    home: Home,
    better: Candidate | undefined,
    nowMs: number,
  ): void {
    if (!better) home.soughtAtMs = nowMs;
    else if (!asksTooMuch(pool, homes, home.host)) home.host.gaveAtMs = nowMs;
  }

  function settle(
    { cameraId }: RouteRequest,
    homes: CameraHomes,
    candidate: Candidate,
    reason: Move['reason'],
    nowMs: number,
  ): void {
    const from = homes.get(cameraId)?.host.candidate.processor.id;
    homes.settle(cameraId, candidate, nowMs);
    const to = candidate.processor.id;
    if (from !== undefined && from !== to) onMove({ cameraId, from, to, reason, atMs: nowMs });
  }

  /** A4: its home, or who else can take this frame. */
  function placeFrame(
    pool: Pool,
    request: RouteRequest,
    home: Candidate,
    reason: Choice['reason'],
    yields: boolean,
  ): Choice | undefined {
    const isOpen = hasCredit(home) && home.processor.id !== request.avoid;
    if (isOpen && !yields) return { candidate: home, reason };
    const other = pool.best(request);
    if (!other || other === home || (isOpen && other.load >= home.load))
      return other && { candidate: home, reason };
    return { candidate: other, reason: 'overflow' };
  }

  return {
    name: 'affinity',
    before: byLoad,
    best: 'highest',
    score: scoreOf,
    choose(pool, request, explaining): Choice | undefined {
      const homes = homesOf(pool);
      const home = homes.get(request.cameraId);
      const nowMs = clock();
      if (!explaining) homes.advance(nowMs);
      const current = home?.host.candidate;
      const isUsable =
        current && pool.members.has(current) && pool.mayServe(current) && pool.accepts(current, request);
      let candidate = isUsable ? current : undefined;
      let reason: Choice['reason'] = 'home';
      let yields = false;
      if (!candidate) {
        candidate = findHome(pool, homes, request, home?.demand ?? 0, nowMs);
        if (!candidate) return undefined;
        if (home && current?.processor.id !== candidate.processor.id) reason = 'failover';
        if (!explaining) settle(request, homes, candidate, 'unavailable', nowMs);
      } else if (home) {
        const { host } = home;
        const overdue = explaining
          ? isBeyond(pool, homes, host) && isOverdue(host, nowMs)
          : watch(pool, homes, host, nowMs);
        if (overdue && mayLeave(home, nowMs)) {
          const better = findBetter(pool, homes, request, home);
          if (!explaining) remember(pool, homes, home, better, nowMs);
          if (better) [candidate, reason] = [better, 'failover'];
          if (better && !explaining) settle(request, homes, better, 'overloaded', nowMs);
        }
        yields = overdue && candidate === host.candidate && isSlow(pool, host.candidate);
      }
      const choice = placeFrame(pool, request, candidate, reason, yields);
      if (choice && !explaining) homes.count(homes.get(request.cameraId) as Home);
      return choice;
    },
  };
}

function scoreOf(candidate: Candidate, { cameraId }: RouteRequest): number {
  return rendezvousScore(cameraId, candidate.processor.id, strengthOf(candidate));
}
