import { createRouter } from '@frame-buffer/router';
import fc from 'fast-check';
import { createFleet, type Fleet } from './fleet.ts';
import { registrationRecord } from './test-support/registration.ts';

const CAPABILITIES = [undefined, 'a', 'b', 'c'] as const;
const POOLS = [['a'], ['b'], ['a', 'b'], ['b', 'c'], ['c', 'a', 'b']];

/** The same, counted anew. */
function counted(fleet: Fleet, capability: string | undefined): number {
  let credits = 0;
  for (const { registration, target, reported, unconfirmed, stated, standing } of fleet.members()) {
    if (stated !== 'available' || standing !== 'available') continue;
    if (capability === undefined || registration.capabilities.includes(capability))
      credits += Math.max(0, target.capacity - reported - unconfirmed);
  }
  return credits;
}

const step = fc.record({
  id: fc.constantFrom('p1', 'p2', 'p3'),
  what: fc.constantFrom('register', 'drain', 'leave', 'run', 'reserve', 'release', 'report', 'open', 'close'),
  number: fc.nat({ max: 6 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

describe('the credits of a capability', () => {
  it('are at any time those of its processors together, whatever becomes of them', () => {
    const check = (steps: readonly Step[]): void => {
      const fleet = createFleet(createRouter());
      const records = new Map<string, ReturnType<typeof registrationRecord>>();
      let runs = 0;
      for (const { id, what, number } of steps) {
        const member = fleet.get(id);
        const capabilities = POOLS[number % POOLS.length];
        if (what === 'register')
          records.set(id, registrationRecord(id, { capabilities, capacity: number + 1 }));
        if (what === 'run') {
          const record = registrationRecord(id, { capabilities });
          records.set(id, {
            ...record,
            registration: { ...record.registration, instance_id: `${id}-run-${++runs}` },
          });
        }
        if (what === 'drain') {
          const { registration, health } = records.get(id) ?? registrationRecord(id);
          records.set(id, { registration: { ...registration, state: 'draining' }, health });
        }
        if (what === 'leave') records.delete(id);
        if (member && what === 'reserve') fleet.reserve(member);
        if (member && what === 'release' && member.unconfirmed > 0) fleet.release(member);
        if (member && what === 'report') fleet.report(member, number, Math.min(member.unconfirmed, 2));
        if (member && what === 'open') fleet.setStanding(member, 'circuit_open');
        if (member && what === 'close') fleet.setStanding(member, 'available');
        if (['register', 'run', 'drain', 'leave'].includes(what)) fleet.update([...records.values()]);
        for (const capability of CAPABILITIES)
          expect(fleet.creditsOf([capability])).toBe(counted(fleet, capability));
        expect(fleet.creditsOf(['a', 'b'])).toBe(Math.min(counted(fleet, 'a'), counted(fleet, 'b')));
      }
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 60, size: 'max' }), check));
  });
});
