import type { Registration } from '@frame-buffer/models';
import type { ProcessorRecord } from '@frame-buffer/registry';
import type { Availability, Router } from '@frame-buffer/router';
import type { HandOffTarget } from '@frame-buffer/stream-consumer';

/** One run of a registered processor, as this orchestrator sees it. It stays the same object while the run lasts. */
export interface Member {
  registration: Registration;
  readonly target: Writable<HandOffTarget>;
  /** Frames decided for it by us that no reported count includes yet. */
  unconfirmed: number;
  /** Last count that Redis reported. */
  reported: number;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The processors that frames can go to, and how many each has outstanding: the last count that Redis reported plus what was decided
 * here since. Other orchestrators' frames are in the reported count; the hand-off script has the last word.
 */
export interface Fleet {
  /** Brings the fleet in line with the registry. */
  update(records: readonly ProcessorRecord[]): void;
  get(processorId: string): Member | undefined;
  members(): Iterable<Member>;
  /** Counts a frame that was decided for this processor. */
  reserve(member: Member): void;
  /** Takes a decision back before it was sent. */
  release(member: Member): void;
  /** What Redis counted after the last `confirmed` of our frames for it had been sent. */
  report(member: Member, outstanding: number, confirmed: number): void;
  /** It left the registry: nothing more for it. */
  depart(member: Member): void;
}

export function createFleet(
  router: Router,
  { onDeparture = () => {} }: { onDeparture?: (processorId: string) => void } = {},
): Fleet {
  const members = new Map<string, Member>();

  /** A run that changes its registration stays the same member, because hand-offs under way refer to it. */
  function admit(registration: Registration, former: Member | undefined): Member {
    const { id, queue, group, capacity, completion } = registration;
    router.put({
      id,
      capabilities: registration.capabilities,
      capacity,
      weight: registration.weight,
      formats: registration.formats,
      minWidth: registration.min_width,
      maxWidth: registration.max_width,
      minHeight: registration.min_height,
      maxHeight: registration.max_height,
      cameras: registration.cameras,
    });
    if (former?.registration.instance_id !== registration.instance_id) {
      const target = { processorId: id, queue, group, capacity, completion };
      return { registration, target, unconfirmed: 0, reported: 0 };
    }
    former.registration = registration;
    Object.assign(former.target, { queue, group, capacity, completion });
    return former;
  }

  const settle = (member: Member): void => {
    if (members.get(member.registration.id) === member) {
      router.setOutstanding(member.registration.id, member.reported + member.unconfirmed);
    }
  };

  return {
    get: (processorId) => members.get(processorId),
    members: () => members.values(),
    update(records) {
      const present = new Set<string>();
      for (const { registration, health } of records) {
        const { id } = registration;
        present.add(id);
        let member = members.get(id);
        if (!member || !sameRegistration(member.registration, registration)) {
          member = admit(registration, member);
          members.set(id, member);
          settle(member);
        }
        router.setAvailability(id, availabilityOf(registration, health !== undefined));
      }
      for (const [id, member] of members) if (!present.has(id)) this.depart(member);
    },
    reserve(member) {
      member.unconfirmed++;
      router.reserve(member.registration.id);
    },
    release(member) {
      member.unconfirmed--;
      router.release(member.registration.id);
    },
    report(member, outstanding, confirmed) {
      member.unconfirmed -= confirmed;
      member.reported = outstanding;
      settle(member);
    },
    depart(member) {
      const { id } = member.registration;
      if (members.get(id) !== member) return;
      members.delete(id);
      router.remove(id);
      onDeparture(id);
    },
  };
}

function availabilityOf(registration: Registration, hasLease: boolean): Availability {
  if (registration.state === 'draining' || registration.state === 'isolated') return registration.state;
  // Without a lease it is as good as dead: not even a pool in panic should try it.
  return hasLease ? 'available' : 'isolated';
}

function sameRegistration(a: Registration, b: Registration): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
