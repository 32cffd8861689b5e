import { ANY_PROCESSOR } from '../any-processor.ts';
import type { Member } from '../fleet.ts';
import { idleReason } from './idle-reason.ts';
import type { ProcessorRow } from './live-state.ts';
import type { ProcessorWatch } from './processor-watch.ts';
import type { VerdictFacts } from './verdict.ts';

export interface ProcessorRowsSources {
  readonly members: Iterable<Member>;
  /** Outstanding frames by queue, from the books. */
  readonly queues: ReadonlyMap<string, number | undefined>;
  readonly breakers: ReadonlyMap<string, string>;
  readonly figures: ProcessorWatch['figures'];
  /** What frames ask for. */
  readonly asked: ReadonlySet<string>;
  readonly paused: boolean;
}

/** What the page says of each processor. */
export function processorRows(
  nowMs: number,
  { members, queues, breakers, figures, asked, paused }: ProcessorRowsSources,
): ProcessorRow[] {
  return [...members].map(({ registration, health, standing, reported, unconfirmed }) => {
    const { id, capabilities, state, capacity } = registration;
    const breaker = breakers.get(id) ?? null;
    const alive = health !== undefined;
    // The books count every queue once a second; our own count is as old as the last hand-off there.
    const outstanding = queues.get(registration.queue) ?? reported + unconfirmed;
    return {
      id,
      capabilities,
      state,
      alive,
      outstanding,
      capacity,
      ...figures(id),
      breaker,
      heartbeatAgeMs: health ? Math.max(0, nowMs - health.received_at_ms) : null,
      idle: idleReason({
        state,
        alive,
        unhealthy: standing === 'unhealthy',
        breaker,
        outstanding,
        capacity,
        capabilities,
        asked,
        paused,
      }),
    };
  });
}

/** Which capabilities are served, and why others that somebody has are not. */
export function coverage(rows: readonly ProcessorRow[]): Pick<VerdictFacts, 'served' | 'withheld'> {
  const served = new Set<string>();
  const withheld = new Map<string, string>();
  for (const { id, capabilities, state, alive, breaker } of rows) {
    const why = !alive
      ? 'has no heartbeat'
      : state !== 'active'
        ? `is ${state}`
        : breaker === 'open' || breaker === 'isolated'
          ? 'is behind an open breaker'
          : undefined;
    for (const capability of [...capabilities, ANY_PROCESSOR]) {
      if (why === undefined) served.add(capability);
      else withheld.set(capability, `${id}, which takes it, ${why}.`);
    }
  }
  return { served, withheld };
}
