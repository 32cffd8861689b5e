import type { OrchestratorMetrics } from '@frame-buffer/telemetry';
import type { Circuits } from './circuits.ts';
import type { Fleet } from './fleet.ts';
import type { Journey } from './journey.ts';
import type { LedgerWatch } from './ledger-watch.ts';
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
  }: { journey: Journey; fleet: Fleet; ledger: LedgerWatch; circuits: Circuits; pressure: Pressure },
): void {
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
    consumptionRate: () => (journey.paused() ? 0 : 1),
    consumerLag: () => ledger.latest()?.books.unread,
    unaccounted: () => ledger.latest()?.books.unaccounted,
  });
}
