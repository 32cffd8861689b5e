import type { Registration } from '@frame-buffer/models';
import type { Health, ProcessorRecord } from '@frame-buffer/registry';
import type { Availability, Router } from '@frame-buffer/router';
import type { HandOffTarget } from '@frame-buffer/stream-consumer';
import { createCreditCount, type CreditShare } from './credit-count.ts';

/** One run of a registered processor, as this orchestrator sees it. It stays the same object while the run lasts. */
export interface Member {
  registration: Registration;
  readonly target: Writable<HandOffTarget>;
  /** Frames decided for it by us that no reported count includes yet. */
  unconfirmed: number;
  /** Last count that Redis reported. */
  reported: number;
  /** Its last heartbeat; undefined: its lease has expired. */
  health: Health | undefined;
  /** What its registration and its lease say: `available` unless it is draining, isolated or without a sign of life. */
  stated: Availability;
  /** What its circuit and its health say. */
  standing: Standing;
  /** Set while a frame for it is a probe: told of each one that is decided for it, or taken back before it was sent. */
  probing: { reserved(): void; released(): void } | undefined;
  /** What it adds to the credits of its capabilities; undefined once it has departed. */
  share: CreditShare | undefined;
}

export type Standing = Extract<Availability, 'available' | 'unhealthy' | 'circuit_open'>;

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
  /** Those that any member has. */
  capabilities(): ReadonlySet<string>;
  /** Frames that could be handed off now which want all of these. O(1) for each. */
  creditsOf(wanted: readonly (string | undefined)[]): number;
  /** Counts a frame that was decided for this processor. */
  reserve(member: Member): void;
  /** Takes a decision back before it was sent. */
  release(member: Member): void;
  /** What Redis counted after the last `confirmed` of our frames for it had been sent. */
  report(member: Member, outstanding: number, confirmed: number): void;
  /** A count that came on the side: whoever seems busy gets no frames, and with them no count, while others seem less so. */
  learn(processorId: string, outstanding: number): void;
  /** What its circuit and its health say now; its registration goes first. */
  setStanding(member: Member, standing: Standing): void;
  /** It left the registry: nothing more for it. */
  depart(member: Member): void;
}

export interface FleetOptions {
  /** Of a run that wasn't there before. */
  readonly onArrival?: (registration: Registration) => void;
  readonly onDeparture?: (processorId: string) => void;
  /** The fleet was brought in line: processors may have come, gone or changed. */
  readonly onUpdate?: () => void;
}

export function createFleet(
  router: Router,
  { onArrival = () => {}, onDeparture = () => {}, onUpdate = () => {} }: FleetOptions = {},
): Fleet {
  const members = new Map<string, Member>();
  const credits = createCreditCount();
  let capabilities: ReadonlySet<string> = new Set();

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
    if (former) credits.withdraw(former.share);
    const share = credits.join(registration.capabilities);
    if (former?.registration.instance_id !== registration.instance_id) {
      if (former) former.share = undefined;
      const target = { processorId: id, queue, group, capacity, completion };
      onArrival(registration);
      return {
        registration,
        target,
        unconfirmed: 0,
        reported: 0,
        stated: 'available',
        standing: 'available',
        probing: undefined,
        health: undefined,
        share,
      };
    }
    former.registration = registration;
    former.share = share;
    Object.assign(former.target, { queue, group, capacity, completion });
    return former;
  }

  function recount({ share, stated, standing, target, reported, unconfirmed }: Member): void {
    const takesFrames = stated === 'available' && standing === 'available';
    credits.set(share, takesFrames ? target.capacity - reported - unconfirmed : 0);
  }

  function settle(member: Member): void {
    if (members.get(member.registration.id) !== member) return;
    router.setOutstanding(member.registration.id, member.reported + member.unconfirmed);
    recount(member);
  }

  function place(member: Member): void {
    const { registration, stated, standing } = member;
    router.setAvailability(registration.id, stated === 'available' ? standing : stated);
    recount(member);
  }

  return {
    get: (processorId) => members.get(processorId),
    members: () => members.values(),
    capabilities: () => capabilities,
    creditsOf: (wanted) => credits.ofAll(wanted),
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
        member.health = health;
        member.stated = availabilityOf(registration, health !== undefined);
        place(member);
      }
      for (const [id, member] of members) if (!present.has(id)) this.depart(member);
      capabilities = new Set([...members.values()].flatMap(({ registration }) => registration.capabilities));
      onUpdate();
    },
    reserve(member) {
      member.unconfirmed++;
      router.reserve(member.registration.id);
      recount(member);
      member.probing?.reserved();
    },
    release(member) {
      member.unconfirmed--;
      router.release(member.registration.id);
      recount(member);
      member.probing?.released();
    },
    report(member, outstanding, confirmed) {
      member.unconfirmed -= confirmed;
      member.reported = outstanding;
      settle(member);
    },
    learn(processorId, outstanding) {
      const member = members.get(processorId);
      // While frames of ours are on their way the answer to them is the better count.
      if (member?.unconfirmed === 0) this.report(member, outstanding, 0);
    },
    setStanding(member, standing) {
      member.standing = standing;
      if (members.get(member.registration.id) === member) place(member);
    },
    depart(member) {
      const { id } = member.registration;
      if (members.get(id) !== member) return;
      members.delete(id);
      credits.withdraw(member.share);
      member.share = undefined;
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
