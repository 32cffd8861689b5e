import { SHED_REASONS } from '@frame-buffer/backpressure';
import { DEAD_LETTER_REASONS } from '@frame-buffer/stream-consumer';
import type { OrchestratorMetrics } from '@frame-buffer/telemetry';
import type { Circuits } from './circuits.ts';
import type { Fleet } from './fleet.ts';
import type { Journey } from './journey.ts';
import type { LedgerWatch } from './ledger-watch.ts';
import { lossesOf } from './losses.ts';
import type { LivePage } from './page/live-page.ts';
import type { RedisFigures } from './page/live-state.ts';
import type { Pressure } from './pressure.ts';

/** Connects the figures that are read at a scrape. */
export function observeJourney(
  metrics: OrchestratorMetrics,
  {
    journey,
    fleet,
    ledger,
    circuits,
    pressure,
    page,
  }: {
    journey: Journey;
    fleet: Fleet;
    ledger: LedgerWatch;
    circuits: Circuits;
    pressure: Pressure;
    page: LivePage;
  },
): void {
  // A series that appears with its first count shows no increase to whoever alarms on one.
  for (const reason of DEAD_LETTER_REASONS) metrics.deadLettered(reason, 0);
  for (const reason of SHED_REASONS) metrics.shed(reason, 0);
  metrics.observe({
    *queueDepth() {
      for (const member of fleet.members())
        yield [member.registration.id, member.reported + member.unconfirmed];
    },
    *waitingFrames() {
      for (const { capability, byClass } of journey.waiting()) {
        for (const [priority, frames] of byClass) yield [capability, priority, frames];
      }
    },
    *oldestWaiting() {
      for (const { capability, oldestSeconds } of journey.waiting()) yield [capability, oldestSeconds];
    },
    level: () => pressure.level(),
    circuitState: () => circuits.states(),
    consumptionRate: () => (journey.paused() ? 0 : pressure.rate()),
    consumerLag: () => ledger.fresh()?.books.unread,
    unaccounted: () => ledger.fresh()?.books.unaccounted,
    *lost() {
      const reading = ledger.fresh();
      if (reading) yield* lossesOf(reading.ledger);
    },
    cameraLastFrame: page.lastFrames,
    silentCameras: page.silentCameras,
    redisUp: () => page.redis().answering,
    redisPolicyOk: () => isOk(page.redis()),
    redisMemoryUsed: () => known(page.redis().usedBytes),
    redisMemoryLimit: () => known(page.redis().limitBytes),
  });
}

const known = (figure: number | null): number | undefined => figure ?? undefined;

function isOk({ policy }: RedisFigures): boolean | undefined {
  return policy === null ? undefined : policy === 'noeviction';
}
