import type { Failing, HealthMonitor } from '@frame-buffer/registry';
import type { QueueActivity } from '@frame-buffer/stream-consumer';
import type { Fleet, Member } from './fleet.ts';

export interface HungProcessorsOptions {
  readonly fleet: Pick<Fleet, 'members'>;
  readonly monitor: Pick<HealthMonitor, 'failing'>;
  readonly activityOf: (target: Member['target']) => Promise<QueueActivity | undefined>;
  readonly patienceMs: number;
  /** ms, monotonic. */
  readonly clock?: () => number;
}

export interface Hung {
  readonly member: Member;
  readonly probes: Failing;
  /** Since it last read its queue, or finished a frame of it, or we began to watch it. */
  readonly idleMs: number;
}

/**
 * Who hangs: its health probes keep failing, it has frames, and for as long as the patience it has neither read nor finished any. Either alone
 * is no death: an endpoint may be out of our reach, and a frame may take long.
 */
export interface HungProcessors {
  /** Call it about twice a second. @throws what `activityOf` throws; the patience begins anew then */
  find(): Promise<Hung[]>;
}

interface Watched {
  /** Changes with every frame that it reads or finishes; frames that come to its queue leave it as it is. */
  readonly position: string;
  readonly sinceMs: number;
}

/** Looks further apart (or half of the patience) tell nothing of the time between: Redis was away, for the processors too, or we stood still. */
const MAX_GAP_MS = 10_000;

export function createHungProcessors(options: HungProcessorsOptions): HungProcessors {
  const { fleet, monitor, activityOf, patienceMs, clock = () => performance.now() } = options;
  const maxGapMs = Math.min(MAX_GAP_MS, patienceMs / 2);
  /** Those whose probes fail, by run. */
  let watched = new Map<Member, Watched>();
  let lookedAtMs = -Infinity;

  async function look(member: Member, former: Watched | undefined): Promise<Watched | undefined> {
    const activity = await activityOf(member.target);
    if (!activity || (activity.pending === 0 && !activity.unread)) return undefined;
    const { lastDelivered, pending, idleMs = Infinity } = activity;
    const position = `${lastDelivered} ${pending}`;
    const nowMs = clock();
    if (former?.position !== position) return { position, sinceMs: nowMs };
    return { position, sinceMs: Math.max(former.sinceMs, nowMs - idleMs) };
  }

  return {
    async find() {
      const before = clock() - lookedAtMs > maxGapMs ? new Map<Member, Watched>() : watched;
      watched = new Map();
      const found: Hung[] = [];
      for (const member of fleet.members()) {
        const probes = monitor.failing(member.registration.id);
        const watch = probes && (await look(member, before.get(member)));
        if (!watch) continue;
        watched.set(member, watch);
        const idleMs = clock() - watch.sinceMs;
        if (Math.min(idleMs, probes.forMs) >= patienceMs) found.push({ member, probes, idleMs });
      }
      lookedAtMs = clock();
      return found;
    },
  };
}
