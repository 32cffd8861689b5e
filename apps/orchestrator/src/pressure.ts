import { setTimeout as sleep } from 'node:timers/promises';
import {
  createPressureGauge,
  CRITICAL,
  type LevelName,
  levelName,
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
  readonly logger: Logger;
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
  const { client, keys, fleet, waiting, shedding, places, logger } = options;
  const shed = createShedShare(SHED_INTERVALS);
  const gauge = createPressureGauge();
  let readings = new Map<string, Reading>();
  gauge.onOverallLevelChange(({ from, to, worst }) => {
    const fields = {
      level: levelName(to),
      from: levelName(from),
      capability: worst?.pool,
      cause: worst?.cause,
    };
    if (to === CRITICAL) logger.error(`pressure is critical: ${worst?.cause} of ${worst?.pool}`, fields);
    else logger.info(`pressure is ${levelName(to)}`, fields);
    client.publish(keys.events, encodeNotice({ type: 'level', level: to })).catch((error: unknown) => {
      logger.debug('the level could not be announced', { error });
    });
  });

  function observe(): void {
    readings = new Map();
    const of = (capability: string): Reading => {
      let reading = readings.get(capability);
      if (!reading) {
        reading = { outstanding: 0, capacity: 0, frames: 0, oldestS: 0, shedRatio: 0 };
        readings.set(capability, reading);
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
    for (const { pool } of gauge.pools()) if (!readings.has(pool)) gauge.forget(pool);
    for (const [capability, { outstanding, capacity, frames, oldestS, shedRatio }] of readings) {
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
    pools: () =>
      gauge.pools().map(({ pool, level, cause }) => ({
        capability: pool,
        level: levelName(level),
        cause: cause ?? null,
      })),
    standing: () =>
      gauge
        .pools()
        .map(({ pool, level }) => ({ capability: pool, level, frames: readings.get(pool)?.frames ?? 0 })),
    observe,
    async run(signal) {
      while (!signal.aborted) {
        observe();
        await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}
