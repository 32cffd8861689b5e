import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPressureGauge,
  CRITICAL,
  type LevelName,
  levelName,
  NORMAL,
  type PressureLevel,
} from '@frame-buffer/backpressure';
import { encodeNotice, type KeyNames } from '@frame-buffer/models';
import type { Logger } from '@frame-buffer/telemetry';
import type { Fleet } from './fleet.ts';
import { createShedShare } from './shed-share.ts';
import type { Shedding } from './shedding.ts';
import type { WaitingSummary } from './waiting-room.ts';

export interface PressureOptions {
  readonly client: { publish(channel: string, message: string): Promise<unknown> };
  readonly keys: KeyNames;
  readonly fleet: Fleet;
  readonly waiting: () => readonly WaitingSummary[];
  readonly shedding: Pick<Shedding, 'takeCounts'>;
  /** Frames that may wait for one capability. */
  readonly places: number;
  /** The level of a capability has changed, or it is no more and counts as normal. */
  readonly onLevel: (capability: string, level: PressureLevel) => void;
  /** A capability has become critical: somebody should look. */
  readonly onAlert: (alert: PressureAlert) => void;
  readonly logger: Logger;
}

export interface PressureAlert {
  readonly kind: 'pressure';
  readonly level: LevelName;
  readonly capability: string;
  readonly cause: string | null;
  /** ms since the epoch. */
  readonly atMs: number;
}

/** One capability, as last judged. */
export interface PoolReport {
  readonly capability: string;
  readonly level: LevelName;
  /** Which limit it is nearest to. */
  readonly cause: string | null;
}

/** One capability, and what waits for it here. */
export interface PoolStanding {
  readonly capability: string;
  readonly level: PressureLevel;
  readonly frames: number;
}

/** The pressure on the processors of each capability, judged several times a second; a change of the worst is announced to all who listen. */
export interface Pressure {
  /** The worst of all capabilities. */
  level(): PressureLevel;
  /** What the level leaves of the read-ahead: 1, 0.8, 0.5, 0; undefined until it has been judged. */
  rate(): number | undefined;
  pools(): PoolReport[];
  standing(): PoolStanding[];
  observe(): void;
  run(signal: AbortSignal): Promise<void>;
}

const EVERY_MS = 250;
/** What was shed in the last two seconds is pressure: with the dwell of the level that is over some four seconds after the load. */
const SHED_INTERVALS = 8;

interface Reading {
  outstanding: number;
  capacity: number;
  frames: number;
  oldestS: number;
  shedRatio: number;
}

export function createPressure(options: PressureOptions): Pressure {
  const { client, keys, fleet, waiting, shedding, places, onLevel, onAlert, logger } = options;
  const shed = createShedShare(SHED_INTERVALS);
  const gauge = createPressureGauge();
  let readings: Map<string, Reading> | undefined;
  gauge.onPoolLevelChange(({ from, to, state: { pool, cause = null } }) => {
    onLevel(pool, to);
    if (to !== CRITICAL) return;
    const fields = { level: levelName(to), from: levelName(from), capability: pool, cause };
    logger.error(`pressure is critical: ${cause} of ${pool}`, fields);
    onAlert({ kind: 'pressure', level: levelName(to), capability: pool, cause, atMs: Date.now() });
  });
  gauge.onOverallLevelChange(({ from, to, worst }) => {
    const fields = {
      level: levelName(to),
      from: levelName(from),
      capability: worst?.pool,
      cause: worst?.cause,
    };
    if (to !== CRITICAL) logger.info(`pressure is ${levelName(to)}`, fields);
    client.publish(keys.events, encodeNotice({ type: 'level', level: to })).catch((error: unknown) => {
      logger.debug('the level could not be announced', { error });
    });
  });

  function observe(): void {
    const now = (readings = new Map<string, Reading>());
    const of = (capability: string): Reading => {
      let reading = now.get(capability);
      if (!reading) {
        reading = { outstanding: 0, capacity: 0, frames: 0, oldestS: 0, shedRatio: 0 };
        now.set(capability, reading);
      }
      return reading;
    };
    for (const { registration, target, reported, unconfirmed, stated } of fleet.members()) {
      if (stated !== 'available') continue;
      for (const capability of registration.capabilities) {
        const reading = of(capability);
        reading.outstanding += reported + unconfirmed;
        reading.capacity += target.capacity;
      }
    }
    for (const { capability, frames, oldestSeconds } of waiting()) {
      if (frames === 0) continue;
      // Frames for several capabilities wait for each of them.
      for (const name of capability.split('+')) {
        const reading = of(name);
        reading.frames += frames;
        reading.oldestS = Math.max(reading.oldestS, oldestSeconds);
      }
    }
    shed.add(shedding.takeCounts());
    for (const [pool, share] of shed.shares()) {
      for (const name of pool.split('+')) of(name).shedRatio = Math.max(of(name).shedRatio, share);
    }
    for (const { pool } of gauge.pools()) {
      if (now.has(pool)) continue;
      gauge.forget(pool);
      onLevel(pool, NORMAL);
    }
    for (const [capability, { outstanding, capacity, frames, oldestS, shedRatio }] of now) {
      gauge.observe(capability, {
        outstanding,
        capacity,
        waiting: frames,
        waitingLimit: places,
        oldestWaitMs: oldestS * 1000,
        shedRatio,
      });
    }
  }

  return {
    level: () => gauge.overall().level,
    rate: () => readings && gauge.overall().rate,
    pools: () =>
      gauge.pools().map(({ pool, level, cause }) => ({
        capability: pool,
        level: levelName(level),
        cause: cause ?? null,
      })),
    standing: () =>
      gauge
        .pools()
        .map(({ pool, level }) => ({ capability: pool, level, frames: readings?.get(pool)?.frames ?? 0 })),
    observe,
    async run(signal) {
      while (!signal.aborted) {
        observe();
        await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}
