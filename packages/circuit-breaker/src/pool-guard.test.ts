import fc from 'fast-check';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';
import { REFUSED } from './permit.ts';
import { createPoolGuard, type PoolGuard, type PoolMode } from './pool-guard.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}`);

function poolOf(count: number, options = {}): PoolGuard {
  const guard = createPoolGuard(options);
  for (const id of names(count)) guard.add(id);
  return guard;
}

function allowed(guard: PoolGuard, count: number): string[] {
  return names(count).filter((id) => guard.allows(id));
}

function breakerAt(time: { nowMs: number }) {
  return createCircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 1_000,
    openJitter: 0,
    clock: () => time.nowMs,
  });
}

describe('ejection', () => {
  it('takes a failing member out and lets it back', () => {
    const guard = poolOf(10);
    guard.update('p3', { failing: true });
    expect([guard.verdict('p3'), guard.allows('p3')]).toEqual(['ejected', false]);
    guard.update('p3', { failing: false });
    expect([guard.verdict('p3'), guard.allows('p3')]).toEqual(['healthy', true]);
  });

  it('stops at 30 %, first come first ejected', () => {
    const guard = poolOf(10);
    for (const id of ['p5', 'p1', 'p7', 'p2']) guard.update(id, { failing: true });
    expect(['p5', 'p1', 'p7', 'p2'].map((id) => guard.verdict(id))).toEqual([
      'ejected',
      'ejected',
      'ejected',
      'spared',
    ]);
    expect(guard.allows('p2')).toBe(true);
  });

  it('passes the place of one that recovered to the next', () => {
    const guard = poolOf(10);
    for (const id of ['p5', 'p1', 'p7', 'p2']) guard.update(id, { failing: true });
    guard.update('p1', { failing: false });
    expect([guard.verdict('p5'), guard.verdict('p7'), guard.verdict('p2')]).toEqual(Array(3).fill('ejected'));
  });

  it('may take one of a small pool, but never the only one', () => {
    expect([1, 2, 3, 4, 7, 10].map((members) => createPoolGuard().maxEjected(members))).toEqual([
      0, 1, 1, 1, 2, 3,
    ]);
  });

  it('keeps to the ratio alone where nothing else is asked', () => {
    expect(createPoolGuard({ minEjectable: 0 }).maxEjected(3)).toBe(0);
  });

  it('counts a ratio of a whole number exactly', () => {
    const guard = createPoolGuard({ maxEjectedRatio: 0.07 });
    expect(guard.maxEjected(100)).toBe(7);
  });
});

describe('panic', () => {
  it('routes to all below half healthy, and ends when half are', () => {
    const guard = poolOf(10);
    for (const id of names(6)) guard.update(id, { unhealthy: true });
    expect(guard.state().mode).toBe('panic');
    expect(allowed(guard, 10)).toHaveLength(10);
    guard.update('p0', { unhealthy: false });
    expect(guard.state().mode).toBe('normal');
    expect(allowed(guard, 10)).toEqual(['p0', 'p6', 'p7', 'p8', 'p9']);
  });

  it('counts failing and unhealthy members alike', () => {
    const guard = poolOf(4);
    guard.update('p0', { failing: true });
    guard.update('p1', { unhealthy: true });
    expect(guard.state().mode).toBe('normal');
    guard.update('p2', { failing: true });
    expect(guard.verdict('p0')).toBe('panic');
  });

  it('never routes to what an operator isolated, nor counts it', () => {
    const guard = poolOf(4);
    for (const id of names(3)) guard.update(id, { isolated: true });
    expect(guard.state()).toMatchObject({ mode: 'normal', members: 1, isolated: 3 });
    guard.update('p3', { failing: true });
    expect(allowed(guard, 4)).toEqual(['p3']);
  });

  it('is an event', () => {
    const guard = poolOf(2);
    const modes: PoolMode[] = [];
    const dispose = guard.onModeChange((mode) => modes.push(mode));
    guard.update('p0', { failing: true });
    guard.update('p1', { failing: true });
    guard.update('p0', { failing: false });
    dispose();
    guard.update('p0', { failing: true });
    expect(modes).toEqual(['panic', 'normal']);
  });
});

describe('watching breakers', () => {
  it('follows a breaker out, through its probe and back', () => {
    const time = { nowMs: 0 };
    const guard = poolOf(9);
    const breaker = breakerAt(time);
    guard.watch('p9', breaker);
    breaker.fail(breaker.tryAcquire());
    expect([guard.verdict('p9'), guard.allows('p9')]).toEqual(['ejected', false]);
    time.nowMs = 1_000;
    expect(guard.allows('p9')).toBe(true);
    const probe = breaker.tryAcquire();
    expect(guard.allows('p9')).toBe(false);
    breaker.succeed(probe);
    expect(guard.verdict('p9')).toBe('healthy');
  });

  it('goes on without a permit where the pool can spare no more', () => {
    const guard = createPoolGuard({ maxEjectedRatio: 0, minEjectable: 0 });
    const breaker = breakerAt({ nowMs: 0 });
    guard.watch('p0', breaker);
    guard.add('p1');
    breaker.fail(breaker.tryAcquire());
    expect(guard.allows('p0')).toBe(true);
    expect(breaker.tryAcquire()).toBe(REFUSED);
  });

  it('takes an isolated breaker for isolated', () => {
    const guard = poolOf(2);
    const breaker = breakerAt({ nowMs: 0 });
    guard.watch('p2', breaker);
    breaker.isolate();
    expect(guard.verdict('p2')).toBe('isolated');
  });

  it('keeps what a health monitor said through a change of the breaker', () => {
    const guard = poolOf(9);
    const breaker = breakerAt({ nowMs: 0 });
    guard.watch('p9', breaker);
    guard.update('p9', { unhealthy: true });
    breaker.reset();
    expect(guard.verdict('p9')).toBe('unhealthy');
  });

  it('ends with its disposer', () => {
    const guard = createPoolGuard();
    const breaker = breakerAt({ nowMs: 0 });
    const unwatch = guard.watch('p0', breaker);
    unwatch();
    unwatch();
    breaker.isolate();
    expect(guard.verdict('p0')).toBe('unknown');
  });

  it('does not remove a successor of the same id by the disposer of the first', () => {
    const guard = createPoolGuard();
    const unwatchFirst = guard.watch('p0', breakerAt({ nowMs: 0 }));
    guard.watch('p0', breakerAt({ nowMs: 0 }));
    unwatchFirst();
    expect(guard.allows('p0')).toBe(true);
  });
});

describe('whatever happens to the members', () => {
  const change = fc.record({
    id: fc.nat(19).map((i) => `p${i}`),
    what: fc.constantFrom('failing', 'unhealthy', 'isolated', 'remove', 'add'),
    value: fc.boolean(),
  });

  it('at most 30 % are ejected (one of a small pool), and somebody is allowed where anybody is', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 100 }), (changes) => {
        const guard = createPoolGuard();
        const members = new Set<string>();
        const isolated = new Set<string>();
        for (const { id, what, value } of changes) {
          if (what === 'remove') {
            guard.remove(id);
            members.delete(id);
            isolated.delete(id);
          } else if (what === 'add') {
            guard.add(id);
            members.add(id);
            isolated.delete(id);
          } else {
            guard.update(id, { [what]: value });
            if (what === 'isolated' && members.has(id)) isolated[value ? 'add' : 'delete'](id);
          }
          const { ejected, members: counted } = guard.state();
          expect(counted).toBe(members.size - isolated.size);
          expect(ejected).toBeLessThanOrEqual(counted === 1 ? 0 : Math.max(1, 0.3 * counted));
          const open = [...members].filter((member) => guard.allows(member));
          expect(open.length > 0).toBe(counted > 0);
          expect(open.filter((member) => isolated.has(member))).toEqual([]);
        }
      }),
    );
  });
});

describe('options', () => {
  it.each(['maxEjectedRatio', 'panicBelowRatio', 'minEjectable'])('refuses a %s out of range', (name) => {
    expect(() => createPoolGuard({ [name]: -0.1 })).toThrow(RangeError);
    expect(() => createPoolGuard({ [name]: -0.1 })).toThrow(name);
  });
});
