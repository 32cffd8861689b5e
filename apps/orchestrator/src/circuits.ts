import {
  type CircuitBreaker,
  consecutiveFailures,
  createCircuitBreaker,
  createPoolGuard,
  type Permit,
  type PoolGuard,
  REFUSED,
  type StateChange,
  type StateName,
} from '@frame-buffer/circuit-breaker';
import type { Outcomes } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import type { CircuitConfig } from './config.ts';
import type { Fleet, Member, Standing } from './fleet.ts';

export interface CircuitsOptions extends CircuitConfig {
  readonly fleet: Fleet;
  readonly logger: Logger;
  /** What its probes said of the id so far: a run that comes in its place is no healthier for that. */
  readonly isHealthy?: (processorId: string) => boolean;
  /** A processor is back in rotation, or may be probed: somebody who waits may go to it. */
  readonly onOpening: () => void;
  /** ms, monotonic. */
  readonly clock?: () => number;
  readonly rng?: () => number;
}

/**
 * A circuit breaker for each processor, and for each capability a guard that keeps them from emptying its pool. What it goes by lies in
 * Redis, the counts of frames finished and failed, so all orchestrators see the same, each in its own breakers.
 */
export interface Circuits {
  /** Brings them in line with the fleet. A new run of a processor begins with a closed circuit. */
  update(): void;
  /** The counts as they are now; what is new in them are results. */
  outcome(processorId: string, outcomes: Outcomes): void;
  /** @param outstanding frames in its queue, once a second: none done for long is a failure */
  progress(processorId: string, outcomes: Outcomes, outstanding: number): void;
  /** A health probe failed: a failure beside the frames. */
  probeFailed(processorId: string): void;
  setHealthy(processorId: string, healthy: boolean): void;
  /** Applies what time has brought about: open circuits whose time is over, probes that have expired. */
  look(): void;
  /** Those that aren't closed. */
  troubled(): Member[];
  states(): Iterable<readonly [processorId: string, state: StateName]>;
}

interface Circuit {
  readonly member: Member;
  readonly breaker: CircuitBreaker;
  healthy: boolean;
  seen: Outcomes | undefined;
  /** Of the frame that is on its way as a probe. */
  probe: Permit;
  /** Frames it had when the circuit opened, and results since then: so many of these are of the former era. */
  stale: number;
  results: number;
  progressAtMs: number;
  /** What the guards were told of it last. */
  informed: string;
  /** What its member has while frames for it are probes. */
  probing: Member['probing'];
}

export function createCircuits(options: CircuitsOptions): Circuits {
  const {
    fleet,
    logger,
    onOpening,
    isHealthy = () => true,
    clock = () => performance.now(),
    rng = Math.random,
  } = options;
  const circuits = new Map<string, Circuit>();
  const guards = new Map<string, PoolGuard>();

  function create(member: Member): Circuit {
    const breaker = createCircuitBreaker({
      trip: consecutiveFailures(options.failures),
      openMs: options.openMs,
      maxOpenMs: Math.max(options.openMs, options.maxOpenMs),
      probeTimeoutMs: options.probeTimeoutMs,
      clock,
      rng,
    });
    const circuit: Circuit = {
      member,
      breaker,
      healthy: !member.registration.health_endpoint || isHealthy(member.registration.id),
      seen: undefined,
      probe: REFUSED,
      stale: 0,
      results: 0,
      progressAtMs: clock(),
      informed: '',
      probing: undefined,
    };
    circuit.probing = probingOf(circuit, () => place(circuit));
    breaker.onStateChange((change) => changed(circuit, change));
    return circuit;
  }

  function changed(circuit: Circuit, { from, to, cause }: StateChange): void {
    const { id } = circuit.member.registration;
    circuit.probe = REFUSED;
    if (to === 'open') {
      circuit.stale = circuit.member.reported + circuit.member.unconfirmed;
      circuit.results = 0;
    }
    const fields = { processor_id: id, cause, retry_after_ms: Math.round(circuit.breaker.retryAfterMs()) };
    if (to === 'open' && from === 'closed') logger.warn(`processor ${id} fails: its circuit is open`, fields);
    else if (to === 'closed') logger.info(`processor ${id} is back: its circuit is closed`, fields);
    else logger.debug(`circuit of processor ${id}: ${from} to ${to}`, fields);
    judge(circuit);
  }

  function guardOf(capability: string): PoolGuard {
    let guard = guards.get(capability);
    if (!guard) {
      guards.set(capability, (guard = createPoolGuard()));
      guard.onModeChange((mode) => {
        if (mode === 'panic')
          logger.warn(
            `fewer than half of the processors for ${capability} are healthy: all of them are tried`,
            {
              capability,
            },
          );
        else logger.info(`most processors for ${capability} are healthy again`, { capability });
      });
    }
    return guard;
  }

  function update(): void {
    const members = new Set(fleet.members());
    for (const [id, { member }] of circuits) if (!members.has(member)) circuits.delete(id);
    for (const member of members) {
      const { id } = member.registration;
      if (!circuits.has(id)) circuits.set(id, create(member));
    }
    const wanted = new Map<string, Set<string>>();
    for (const { registration } of members) {
      for (const capability of registration.capabilities) {
        const ids = wanted.get(capability) ?? new Set();
        wanted.set(capability, ids.add(registration.id));
      }
    }
    for (const [capability, guard] of guards) {
      const ids = wanted.get(capability);
      for (const id of known.get(capability) ?? []) if (!ids?.has(id)) guard.remove(id);
      if (!ids) guards.delete(capability);
    }
    known = wanted;
    for (const circuit of circuits.values()) inform(circuit);
    for (const circuit of circuits.values()) place(circuit);
  }
  /** The members of each guard. */
  let known = new Map<string, Set<string>>();

  function inform(circuit: Circuit): void {
    const { member, breaker, healthy } = circuit;
    const { id, capabilities } = member.registration;
    const condition = {
      failing: breaker.stateName !== 'closed',
      unhealthy: !healthy,
      isolated: member.stated !== 'available',
    };
    const informed = Object.values(condition).join();
    const isNews = circuit.informed !== informed;
    circuit.informed = informed;
    for (const capability of capabilities) {
      const guard = guardOf(capability);
      if (guard.verdict(id) === 'unknown') guard.add(id, condition);
      // Each change makes it judge all of its members.
      else if (isNews) guard.update(id, condition);
    }
  }

  /** One that was spared may be ejected now, and the other way round: all that share a pool with it are placed anew. */
  function judge(circuit: Circuit): void {
    inform(circuit);
    for (const other of circuits.values()) {
      if (other === circuit || other.member.standing !== 'available' || other.breaker.stateName !== 'closed')
        place(other);
    }
  }

  function place(circuit: Circuit): void {
    const { member } = circuit;
    const before = member.standing;
    const standing = standingOf(circuit);
    member.probing =
      circuit.breaker.stateName === 'closed' || isSpared(circuit) ? undefined : circuit.probing;
    if (standing === before) return;
    fleet.setStanding(member, standing);
    if (standing === 'available') onOpening();
  }

  function standingOf(circuit: Circuit): Standing {
    const { member, breaker, healthy } = circuit;
    if (isSpared(circuit)) return 'available';
    if (!healthy) return 'unhealthy';
    if (breaker.stateName === 'closed') return 'available';
    // A probe behind other frames would tell of them, and late.
    const idle = member.reported + member.unconfirmed <= 0;
    return idle && breaker.canAcquire() ? 'available' : 'circuit_open';
  }

  /** Whether it fails, and stays because no more of one of its pools may be ejected. */
  const isSpared = ({ member: { registration } }: Circuit): boolean =>
    registration.capabilities.some((name) => guards.get(name)?.verdict(registration.id) === 'spared');

  const probingOf = (circuit: Pick<Circuit, 'breaker' | 'probe'>, look: () => void): Member['probing'] => ({
    reserved() {
      const permit = circuit.breaker.tryAcquire();
      // After the change of state that the first probe of an era brings about.
      if (permit !== REFUSED) circuit.probe = permit;
      look();
    },
    released() {
      circuit.breaker.ignore(circuit.probe);
      circuit.probe = REFUSED;
      look();
    },
  });

  /** Results that came since the last look. */
  function judgeResults(circuit: Circuit, completed: number, failed: number): void {
    const { breaker } = circuit;
    if (breaker.stateName === 'closed') {
      if (completed > 0) breaker.recordSuccess();
      for (let i = 0; i < failed && breaker.stateName === 'closed'; i++) breaker.recordFailure();
      return;
    }
    circuit.results += completed + failed;
    if (circuit.probe !== REFUSED) {
      if (failed > 0) breaker.fail(circuit.probe);
      else breaker.succeed(circuit.probe);
    } else if (completed > 0 && failed === 0 && circuit.results > circuit.stale && breaker.canAcquire()) {
      // Somebody else's probe, or a frame that it got although its circuit is open (spared, panic).
      breaker.succeed(breaker.tryAcquire());
    }
  }

  function outcome(processorId: string, outcomes: Outcomes): boolean {
    const circuit = circuits.get(processorId);
    if (!circuit) return false;
    const { seen } = circuit;
    const completed = outcomes.completed - (seen?.completed ?? outcomes.completed);
    const failed = outcomes.failed - (seen?.failed ?? outcomes.failed);
    // Counts that fell began anew, or were overtaken on the way: the next ones tell.
    circuit.seen = completed < 0 || failed < 0 ? undefined : outcomes;
    if (!circuit.seen || completed + failed === 0) return false;
    circuit.progressAtMs = clock();
    judgeResults(circuit, completed, failed);
    return true;
  }

  return {
    update,
    outcome: (processorId, outcomes) => void outcome(processorId, outcomes),
    progress(processorId, outcomes, outstanding) {
      const moved = outcome(processorId, outcomes);
      const circuit = circuits.get(processorId);
      if (!circuit) return;
      if (outstanding === 0) circuit.progressAtMs = clock();
      else if (!moved && clock() - circuit.progressAtMs >= options.stallMs) circuit.breaker.recordFailure();
    },
    probeFailed: (processorId) => circuits.get(processorId)?.breaker.recordFailure(),
    setHealthy(processorId, healthy) {
      const circuit = circuits.get(processorId);
      if (!circuit || circuit.healthy === healthy) return;
      circuit.healthy = healthy;
      judge(circuit);
      place(circuit);
    },
    look() {
      for (const circuit of circuits.values()) if (circuit.breaker.stateName !== 'closed') place(circuit);
    },
    troubled: () =>
      [...circuits.values()]
        .filter(({ breaker }) => breaker.stateName !== 'closed')
        .map(({ member }) => member),
    *states() {
      for (const [id, { member, breaker }] of circuits) {
        yield [id, member.stated === 'isolated' ? 'isolated' : breaker.stateName];
      }
    },
  };
}
