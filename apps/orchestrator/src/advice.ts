import { setTimeout as sleep } from 'node:timers/promises';
import { type AdvisedRate, type CameraFlow, createFrameRateAdvisor } from '@frame-buffer/backpressure';
import type { CameraAdvice, KeyNames } from '@frame-buffer/models';
import { type Advice, publishAdvice, type ScriptClient } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import { createGlobalShare } from './global-share.ts';
import type { LedgerWatch } from './ledger-watch.ts';
import { DRAIN_WINDOW_MS, type PoolDrain } from './pool-drain.ts';
import type { Pressure } from './pressure.ts';

export interface AdviserOptions {
  readonly client: ScriptClient;
  readonly keys: KeyNames;
  readonly orchestratorId: string;
  readonly pressure: Pick<Pressure, 'standing'>;
  readonly drain: PoolDrain;
  /** As far as this orchestrator reads them. */
  readonly cameras: () => readonly CameraFlow[];
  readonly ledger: Pick<LedgerWatch, 'fresh'>;
  /** Frames that this orchestrator has handed off since it started. */
  readonly handedOff: () => number;
  readonly logger: Logger;
}

export interface Adviser {
  run(signal: AbortSignal): Promise<void>;
}

const EVERY_MS = 1_000;
/** As long as the lease under which frames are read: an orchestrator that is dead advises no more. */
const LEASE_MS = 3_000;
/** The next one has taken over by then; where there is none, cameras are free again. */
const EXPIRY_MS = 10_000;
/** One that has just come knows nobody: it doesn't take back what the last one advised. */
const WARM_UP_MS = 5_000;
/** A change by less than this share is none. */
const SAME = 0.02;
const DIGITS = 3;

/**
 * Advises cameras, once a second. All orchestrators work it out, so that whoever takes over goes on where the last one was; one of them,
 * the holder of a lease in Redis, publishes. Each sees a part of the frames only: it takes its part for a fair sample, and
 * multiplies by what the books say of all.
 */
export function createAdviser(options: AdviserOptions): Adviser {
  const { client, keys, orchestratorId, pressure, drain, cameras, ledger, handedOff, logger } = options;
  const advisor = createFrameRateAdvisor({ saturatedMs: DRAIN_WINDOW_MS });
  const share = createGlobalShare();
  const target = { keys, by: orchestratorId, leaseMs: LEASE_MS, expiryMs: EXPIRY_MS };
  const startMs = performance.now();
  /** What is in Redis; undefined: not from us. */
  let published: ReadonlyMap<string, AdvisedRate> | undefined;

  async function advise(): Promise<void> {
    const reading = ledger.fresh();
    if (reading) share.add(reading.ledger['handed_off'] ?? 0, handedOff());
    const times = share.times();
    const rates = advisor.advise(
      pressure.standing().map(({ capability, level, frames }) => ({
        pool: capability,
        level,
        waiting: frames,
        drainPerSecond: drain.perSecond(capability) * times,
      })),
      cameras().map((camera) => ({ ...camera, perSecond: camera.perSecond * times })),
    );
    const now = new Map(rates.map((rate) => [rate.cameraId, rate]));
    const isWarm = performance.now() - startMs >= WARM_UP_MS;
    if (!isWarm && rates.every(({ limitedBy }) => limitedBy === undefined)) return;
    const isSame = published !== undefined && isClose(published, now);
    const outcome = await publishAdvice(client, isSame ? undefined : adviceOf(rates), target);
    if (outcome === 'published') published = isSame ? published : now;
    else published = outcome === 'gone' && now.size === 0 ? now : undefined;
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        await advise().catch((error: unknown) => {
          published = undefined;
          logger.debug('the advice for cameras could not be published', { error });
        });
        await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
      }
    },
  };
}

function adviceOf(rates: readonly AdvisedRate[]): Advice {
  const at = new Date().toISOString();
  return new Map(
    rates.map(({ cameraId, framesPerSecond, level, limitedBy }): [string, CameraAdvice] => [
      cameraId,
      {
        frames_per_second: framesPerSecond === Infinity ? null : Number(framesPerSecond.toPrecision(DIGITS)),
        level,
        limited_by: limitedBy ?? null,
        at,
      },
    ]),
  );
}

function isClose(before: ReadonlyMap<string, AdvisedRate>, now: ReadonlyMap<string, AdvisedRate>): boolean {
  if (before.size !== now.size) return false;
  for (const [cameraId, { framesPerSecond, level, limitedBy }] of now) {
    const was = before.get(cameraId);
    if (!was || was.level !== level || was.limitedBy !== limitedBy) return false;
    if (Math.abs(framesPerSecond - was.framesPerSecond) > SAME * was.framesPerSecond) return false;
  }
  return true;
}
