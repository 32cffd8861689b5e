/*
 * The breaker against a model that is written the plain way: permits are objects, time is events in order, and what expires
 * does so on the spot. The breaker has no timers and packs permits into integers; nobody must be able to tell.
 */
import fc from 'fast-check';
import type { StateName } from './breaker-state.ts';
import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';
import { type Permit, REFUSED } from './permit.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const SETTINGS = {
  threshold: 3,
  openMs: 100,
  openGrowth: 2,
  maxOpenMs: 500,
  halfOpenPermits: 2,
  successesToClose: 3,
  probeTimeoutMs: 80,
  slowCallMs: 50,
};

interface ModelPermit {
  readonly era: number;
  readonly deadlineMs: number;
  settled: boolean;
}

class Model {
  nowMs = 0;
  name: StateName = 'closed';
  era = 0;
  run = 0;
  opens = 0;
  openedForMs = 0;
  closedAtMs = 0;
  retryAtMs = 0;
  successes = 0;
  admitted = 0;
  refused = 0;
  late = 0;
  opened = 0;
  probes: ModelPermit[] = [];
  /** Every permit ever given, beside its counterpart in the breaker. */
  readonly given: { mine: ModelPermit; theirs: Permit }[] = [];

  wait(ms: number): void {
    const untilMs = this.nowMs + ms;
    const first = Math.min(Infinity, ...this.probes.map(({ deadlineMs }) => deadlineMs));
    if (first <= untilMs) {
      this.nowMs = first;
      this.open();
    }
    this.nowMs = untilMs;
  }

  get admits(): boolean {
    if (this.name === 'closed') return true;
    if (this.name === 'open') return this.nowMs >= this.retryAtMs;
    return this.name === 'half_open' && this.probes.length < SETTINGS.halfOpenPermits;
  }

  acquire(): ModelPermit | undefined {
    if (!this.admits) {
      this.refused++;
      return undefined;
    }
    this.admitted++;
    if (this.name === 'closed') return { era: this.era, deadlineMs: Infinity, settled: false };
    if (this.name === 'open') this.enter('half_open');
    const probe = { era: this.era, deadlineMs: this.nowMs + SETTINGS.probeTimeoutMs, settled: false };
    this.probes.push(probe);
    return probe;
  }

  settle(permit: ModelPermit, verdict: 'good' | 'bad' | 'ignored'): void {
    const isProbe = permit.deadlineMs < Infinity;
    if (permit.era !== this.era || (isProbe && permit.settled)) {
      this.late++;
      return;
    }
    permit.settled = true;
    if (isProbe) this.probes = this.probes.filter((probe) => probe !== permit);
    if (verdict !== 'ignored') this.judge(verdict === 'bad');
  }

  judge(bad: boolean): void {
    if (this.name === 'half_open') {
      if (bad) this.open();
      else if (++this.successes === SETTINGS.successesToClose) this.close();
    } else if (this.name === 'closed') {
      this.run = bad ? this.run + 1 : 0;
      if (this.run < SETTINGS.threshold) return;
      if (this.nowMs - this.closedAtMs >= this.openedForMs) this.opens = 0;
      this.open();
    }
  }

  open(): void {
    this.openedForMs = Math.min(SETTINGS.maxOpenMs, SETTINGS.openMs * SETTINGS.openGrowth ** this.opens);
    this.opens++;
    this.opened++;
    this.retryAtMs = this.nowMs + this.openedForMs;
    this.enter('open');
  }

  close(): void {
    this.closedAtMs = this.nowMs;
    this.run = 0;
    this.enter('closed');
  }

  reset(): void {
    this.opens = 0;
    this.openedForMs = 0;
    this.close();
  }

  enter(name: StateName): void {
    this.name = name;
    this.era++;
    this.probes = [];
    this.successes = 0;
  }
}

interface Real {
  readonly breaker: CircuitBreaker;
  readonly time: { sourceMs: number };
}

type Step = fc.Command<Model, Real>;

function step(text: string, act: (model: Model, real: Real) => void): Step {
  return {
    check: () => true,
    run(model, real) {
      act(model, real);
      expectSame(model, real.breaker);
    },
    toString: () => text,
  };
}

function expectSame(model: Model, breaker: CircuitBreaker): void {
  expect(breaker.canAcquire()).toBe(model.admits);
  expect(breaker.stateName).toBe(model.name);
  const { admitted, refused, late, opened } = model;
  expect(breaker.counters()).toMatchObject({ admitted, refused, late, opened });
  const state = breaker.state();
  if (state.name === 'half_open') {
    expect(state.probesInFlight).toBe(model.probes.length);
    expect(state.successes).toBe(model.successes);
  } else if (state.name === 'open') {
    expect(state.retryAfterMs).toBe(Math.max(0, model.retryAtMs - model.nowMs));
    expect(state.opens).toBe(model.opens);
  } else if (state.name === 'closed') {
    expect(state.counts.calls).toBe(model.run);
  }
}

const acquire = step('acquire', (model, { breaker }) => {
  const mine = model.acquire();
  const theirs = breaker.tryAcquire();
  expect(theirs !== REFUSED).toBe(mine !== undefined);
  if (mine) model.given.push({ mine, theirs });
});

const SETTLE = {
  succeed: (breaker: CircuitBreaker, permit: Permit) => breaker.succeed(permit, 10),
  crawl: (breaker: CircuitBreaker, permit: Permit) => breaker.succeed(permit, 60),
  fail: (breaker: CircuitBreaker, permit: Permit) => breaker.fail(permit),
  ignore: (breaker: CircuitBreaker, permit: Permit) => breaker.ignore(permit),
};

/** Settles one of the permits given, recent ones more often; some of them twice, some of them much too late. */
function settle(how: keyof typeof SETTLE, back: number): Step {
  return step(`${how}(${back} back)`, (model, { breaker }) => {
    const permit = model.given.at(-1 - back);
    if (!permit) return;
    SETTLE[how](breaker, permit.theirs);
    model.settle(permit.mine, how === 'succeed' ? 'good' : how === 'ignore' ? 'ignored' : 'bad');
  });
}

/** Calls one after the other, settled at once: the way to a trip or to recovery that single steps rarely find. */
function calls(count: number, good: boolean): Step {
  return step(`${count} calls ${good ? 'succeed' : 'fail'}`, (model, { breaker }) => {
    for (let i = 0; i < count; i++) {
      const mine = model.acquire();
      const theirs = breaker.tryAcquire();
      if (mine) model.settle(mine, good ? 'good' : 'bad');
      if (good) breaker.succeed(theirs);
      else breaker.fail(theirs);
    }
  });
}

const steps: fc.Arbitrary<Step>[] = [
  fc.tuple(fc.integer({ min: 1, max: 4 }), fc.boolean()).map(([count, good]) => calls(count, good)),
  fc.constant(acquire),
  fc.constant(acquire),
  fc
    .tuple(fc.constantFrom('succeed', 'crawl', 'fail', 'fail', 'ignore'), fc.nat(4))
    .map(([how, back]) => settle(how as keyof typeof SETTLE, back)),
  fc.integer({ min: 1, max: 300 }).map((ms) =>
    step(`wait(${ms})`, (model, { time }) => {
      time.sourceMs += ms;
      model.wait(ms);
    }),
  ),
  fc.integer({ min: 1, max: 1e6 }).map((ms) =>
    step(`clock steps back ${ms}`, (_model, { time }) => {
      time.sourceMs -= ms;
    }),
  ),
  fc.boolean().map((bad) =>
    step(bad ? 'recordFailure' : 'recordSuccess', (model, { breaker }) => {
      if (bad) breaker.recordFailure();
      else breaker.recordSuccess();
      model.judge(bad);
    }),
  ),
  fc.constantFrom('isolate', 'restore', 'reset').map((how) =>
    step(how, (model, { breaker }) => {
      if (how === 'reset') {
        breaker.reset();
        model.reset();
      } else if (how === 'isolate') {
        breaker.isolate();
        if (model.name !== 'isolated') model.enter('isolated');
      } else {
        breaker.restore();
        if (model.name === 'isolated') model.enter('half_open');
      }
    }),
  ),
];

describe('the breaker and its model', () => {
  it('cannot be told apart', () => {
    fc.assert(
      fc.property(fc.commands(steps, { maxCommands: 200, size: 'max' }), (commands) => {
        const time = { sourceMs: 0 };
        const { threshold, ...options } = SETTINGS;
        const breaker = createCircuitBreaker({
          ...options,
          trip: consecutiveFailures(threshold),
          openJitter: 0,
          clock: () => time.sourceMs,
        });
        fc.modelRun(() => ({ model: new Model(), real: { breaker, time } }), commands);
      }),
      { numRuns: 200 },
    );
  });
});
