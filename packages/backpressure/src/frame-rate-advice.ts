import { inRange } from './range-check.ts';

/** What a camera would like. */
export interface CameraDemand {
  readonly cameraId: string;
  /** Its own frame rate; NaN where unknown, which counts as any. */
  readonly wantedPerSecond: number;
  /** Pools that its frames need, with the share of frames that need each (1: every frame). */
  readonly needs: Readonly<Record<string, number>>;
}

export interface AdviceRequest {
  /** What each pool can finish, in frames per second. A pool that isn't listed, or is NaN, limits nobody. */
  readonly poolsPerSecond: Readonly<Record<string, number>>;
  readonly cameras: readonly CameraDemand[];
}

export interface CameraAdvice {
  /** Infinity where neither the camera's own rate nor a limit is known. */
  readonly framesPerSecond: number;
  /** The pool that sets the rate; undefined where the camera gets what it wants. */
  readonly limitedBy: string | undefined;
}

/** Advice at the very capacity leaves no room to work off what waits already. */
export const DEFAULT_HEADROOM = 0.95;

interface Claim {
  readonly needs: readonly (readonly [pool: Pool, share: number])[];
  readonly wanted: number;
  rate: number;
  limitedBy: string | undefined;
}

interface Pool {
  readonly name: string;
  left: number;
  /** Sum of the shares of cameras whose rate still rises. */
  demand: number;
}

/**
 * The frame rate each camera can get: max-min fair over all pools at once, so that nobody's rate could be raised but by lowering one
 * that is no higher. Progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2): all rates rise together; a
 * camera stops at what it wants, or when a pool it needs is used up.
 * @param headroom share of the capacity to give away, above 0, up to 1.
 * @returns by camera id; of cameras that come twice, the last.
 */
export function adviseFrameRates(
  request: AdviceRequest,
  headroom = DEFAULT_HEADROOM,
): Map<string, CameraAdvice> {
  inRange('headroom', headroom, Number.MIN_VALUE, 1);
  const pools = new Map<string, Pool>();
  for (const [name, perSecond] of Object.entries(request.poolsPerSecond)) {
    if (perSecond >= 0) pools.set(name, { name, left: perSecond * headroom, demand: 0 });
  }
  const claims = new Map(request.cameras.map((camera) => [camera.cameraId, claimOf(camera, pools)]));
  fill([...claims.values()], [...pools.values()]);
  return new Map(
    Array.from(claims, ([cameraId, { rate, limitedBy }]) => [cameraId, { framesPerSecond: rate, limitedBy }]),
  );
}

function claimOf(camera: CameraDemand, pools: ReadonlyMap<string, Pool>): Claim {
  const needs: [Pool, number][] = [];
  for (const [name, share] of Object.entries(camera.needs)) {
    const pool = pools.get(name);
    if (pool && share > 0) needs.push([pool, share]);
  }
  const wanted = Number.isNaN(camera.wantedPerSecond) ? Infinity : Math.max(0, camera.wantedPerSecond);
  return { needs, wanted, rate: 0, limitedBy: undefined };
}

/** One round for each camera or pool that reaches its limit. */
function fill(claims: readonly Claim[], pools: readonly Pool[]): void {
  for (const { needs } of claims) for (const [pool, share] of needs) pool.demand += share;
  let rising = claims;
  while (rising.length > 0) {
    let rise = Infinity;
    for (const pool of pools) if (pool.demand > 0) rise = Math.min(rise, pool.left / pool.demand);
    for (const claim of rising) rise = Math.min(rise, claim.wanted - claim.rate);
    for (const claim of rising) claim.rate += rise;
    const usedUp = new Set<Pool>();
    for (const pool of pools) {
      if (pool.demand <= 0) continue;
      // Decided before subtracting: a difference of floating-point numbers may miss 0.
      if (pool.left / pool.demand <= rise) usedUp.add(pool);
      pool.left = usedUp.has(pool) ? 0 : pool.left - rise * pool.demand;
    }
    rising = rising.filter((claim) => !stops(claim, rise, usedUp));
    for (const pool of pools) pool.demand = 0;
    for (const { needs } of rising) for (const [pool, share] of needs) pool.demand += share;
  }
}

function stops(claim: Claim, rise: number, usedUp: ReadonlySet<Pool>): boolean {
  if (claim.rate >= claim.wanted || rise === Infinity) return true;
  claim.limitedBy = claim.needs.find(([pool]) => usedUp.has(pool))?.[0].name;
  return claim.limitedBy !== undefined;
}
