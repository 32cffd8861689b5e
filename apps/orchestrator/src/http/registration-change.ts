import {
  decodeRegistration,
  type Fault,
  type KeyNames,
  type Registration,
  shown,
} from '@frame-buffer/models';
import type { ChangeOutcome } from '@frame-buffer/registry';
import { invalid, Problem } from './problem.ts';

/** What frames on their way depend on, or what isn't changed this way, and what else to do. */
const FIXED = {
  id: 'a processor of another id registers by itself',
  instance_id: 'another run registers by itself',
  queue: 'register again to change it',
  group: 'register again to change it',
  completion: 'register again to change it',
  registered_at: 'it is set by registering',
  state: 'drain, isolate and restore change it',
} as const satisfies Partial<Record<keyof Registration, string>>;

const FIXED_FIELDS = Object.keys(FIXED) as (keyof typeof FIXED)[];

/**
 * The registration with a change in it. A field that can't be changed may be there, as it is in an answer, with the value that it has.
 * @throws Problem 422 with every fault
 */
export function changedRegistration(
  registration: Registration,
  change: Readonly<Record<string, unknown>>,
  keys: KeyNames,
): Registration {
  const faults: Fault[] = FIXED_FIELDS.filter(
    (field) => (change[field] ?? registration[field]) !== registration[field],
  ).map((field) => ({
    field,
    value: shown(change[field]),
    expected: `${shown(registration[field])}, which it has: ${FIXED[field]}`,
  }));
  const fixed = Object.fromEntries(FIXED_FIELDS.map((field) => [field, registration[field]]));
  const request = decodeRegistration({ ...registration, ...change, ...fixed }, keys);
  if (!request.ok) faults.push(...request.faults);
  if (!request.ok || faults.length > 0) throw invalid('The registration', faults);
  return { ...registration, ...request.value };
}

/** @throws Problem where it was refused */
export function changed(outcome: ChangeOutcome, { id, results }: Registration): Registration {
  const refused = (expected: string): Problem =>
    invalid('The registration', [{ field: 'results', value: shown(results), expected }]);
  switch (outcome.kind) {
    case 'changed':
      return outcome.registration;
    case 'wrong_type':
      throw refused(`the name of a stream, but this key holds a ${outcome.type}`);
    case 'queue_taken':
      throw refused(`another stream than the queue of processor ${outcome.holder}`);
    case 'not_held':
      throw new Problem(409, `Another run of processor ${id} registered meanwhile; look again.`);
  }
}
