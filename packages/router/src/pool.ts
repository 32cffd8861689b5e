import { type Before, OpenHeap } from './open-heap.ts';
import { type Candidate, hasCredit, type RouteRequest, strengthOf, violatedConstraint } from './processor.ts';

/** Below half healthy it is better to try all than to crush the rest (Envoy's panic threshold). Who is leaving doesn't count. */
export function isPanicking(members: Iterable<Pick<Candidate, 'availability'>>, panicBelow: number): boolean {
  let healthy = 0;
  let countable = 0;
  for (const { availability } of members) {
    if (availability === 'available') healthy++;
    if (availability !== 'draining' && availability !== 'isolated') countable++;
  }
  return countable > 0 && healthy / countable < panicBelow;
}

export function mayServe({ availability }: Pick<Candidate, 'availability'>, panicking: boolean): boolean {
  if (availability === 'available') return true;
  return panicking && (availability === 'unhealthy' || availability === 'circuit_open');
}

/** The processors that share a capability. */
export class Pool {
  readonly members = new Set<Candidate>();
  /** Those that can take a frame now, in the strategy's order. */
  readonly open: OpenHeap;
  readonly #panicBelow: number;
  #panicking = false;
  #constrained = 0;
  /** Both of those that may serve, and kept up to date with every change, so that the mean costs nothing. */
  #outstanding = 0;
  #strength = 0;

  constructor(before: Before, panicBelow: number) {
    this.open = new OpenHeap(before);
    this.#panicBelow = panicBelow;
  }

  get panicking(): boolean {
    return this.#panicking;
  }

  /** Sum over those that may serve. */
  get strength(): number {
    return this.#strength;
  }

  add(candidate: Candidate): void {
    this.members.add(candidate);
    this.recount(candidate);
  }

  delete(candidate: Candidate): void {
    this.members.delete(candidate);
    this.open.delete(candidate);
    this.recount(candidate);
  }

  /** After a change of a member's availability, constraints or size; O(members), and rare. */
  recount(changed: Candidate): void {
    this.#constrained = 0;
    for (const { constrained } of this.members) if (constrained) this.#constrained++;
    const panicked = this.#panicking;
    this.#panicking = isPanicking(this.members, this.#panicBelow);
    if (this.#panicking !== panicked) for (const member of this.members) this.#place(member);
    else if (this.members.has(changed)) this.#place(changed);
    this.#outstanding = this.#strength = 0;
    for (const member of this.members) {
      if (!this.mayServe(member)) continue;
      this.#outstanding += member.outstanding;
      this.#strength += strengthOf(member);
    }
  }

  /** After a change of one member's outstanding count by so much. */
  refresh(candidate: Candidate, change: number): void {
    if (this.mayServe(candidate)) this.#outstanding += change;
    this.#place(candidate);
  }

  mayServe(candidate: Candidate): boolean {
    return mayServe(candidate, this.#panicking);
  }

  accepts(candidate: Candidate, request: RouteRequest): boolean {
    return !candidate.constrained || violatedConstraint(candidate.processor, request) === undefined;
  }

  /** The first in the strategy's order that accepts the frame; the one to avoid only where no other could ever take it. */
  best(request: RouteRequest): Candidate | undefined {
    const first = this.open.first();
    if (!first) return undefined;
    const { avoid } = request;
    if (this.#constrained === 0 && first.processor.id !== avoid) return first;
    const found = this.open.firstWhere(
      (candidate) => candidate.processor.id !== avoid && this.accepts(candidate, request),
    );
    if (found || avoid === undefined) return found;
    for (const member of this.members) {
      if (member.processor.id === avoid) return this.#isLastResort(member, request) ? member : undefined;
    }
    return undefined;
  }

  #place(candidate: Candidate): void {
    if (hasCredit(candidate) && this.mayServe(candidate)) this.open.update(candidate);
    else this.open.delete(candidate);
  }

  /** Whether the one to avoid can take the frame, and no other ever could as things are. */
  #isLastResort(avoided: Candidate, request: RouteRequest): boolean {
    if (!this.open.has(avoided) || !this.accepts(avoided, request)) return false;
    for (const other of this.members) {
      if (other !== avoided && this.mayServe(other) && this.accepts(other, request)) return false;
    }
    return true;
  }

  /** Outstanding frames of those that may serve, as a share of their strength. */
  meanLoad(): number {
    return this.#strength === 0 ? 0 : this.#outstanding / this.#strength;
  }
}
