import type { CircuitBreakerOptions } from './breaker-options.ts';
import type { StateChange, StateName, Verdict } from './breaker-state.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';

function timeline(options: Partial<CircuitBreakerOptions> = {}) {
  const time = { nowMs: 0 };
  const breaker = createCircuitBreaker({
    trip: consecutiveFailures(1),
    openMs: 1_000,
    openJitter: 0,
    clock: () => time.nowMs,
    ...options,
  });
  const trip = (): boolean => breaker.fail(breaker.tryAcquire());
  const pass = (ms: number): void => {
    time.nowMs += ms;
  };
  return { breaker, trip, pass };
}

describe('events', () => {
  it('tells every change of state with its cause', () => {
    const { breaker, trip, pass } = timeline();
    const changes: StateChange[] = [];
    breaker.onStateChange((change) => changes.push(change));
    trip();
    pass(1_000);
    breaker.succeed(breaker.tryAcquire());
    breaker.isolate();
    breaker.restore();
    breaker.reset();
    expect(changes).toEqual([
      { from: 'closed', to: 'open', cause: 'tripped' },
      { from: 'open', to: 'half_open', cause: 'open_time_over' },
      { from: 'half_open', to: 'closed', cause: 'probes_succeeded' },
      { from: 'closed', to: 'isolated', cause: 'isolated' },
      { from: 'isolated', to: 'half_open', cause: 'restored' },
      { from: 'half_open', to: 'closed', cause: 'reset' },
    ]);
  });

  it('tells refusals and late results', () => {
    const { breaker, trip } = timeline();
    const refused: StateName[] = [];
    const late: Verdict[] = [];
    breaker.onRefused((state) => refused.push(state));
    breaker.onLate((verdict) => late.push(verdict));
    const early = breaker.tryAcquire();
    trip();
    breaker.tryAcquire();
    breaker.succeed(early);
    expect({ refused, late }).toEqual({ refused: ['open'], late: ['success'] });
  });

  it('is silent for a listener that was disposed of', () => {
    const { breaker } = timeline();
    let heard = 0;
    const dispose = breaker.onStateChange(() => heard++);
    breaker.isolate();
    dispose();
    dispose();
    breaker.reset();
    expect(heard).toBe(1);
  });

  it('survives a listener that throws, and says so', () => {
    const errors: unknown[] = [];
    const { breaker, trip } = timeline({ onListenerError: (error) => errors.push(error) });
    const fault = new Error('listener');
    breaker.onStateChange(() => {
      throw fault;
    });
    trip();
    expect(breaker.stateName).toBe('open');
    expect(errors).toEqual([fault]);
    expect(breaker.counters().listenerErrors).toBe(1);
  });

  it('tells changes that a listener causes after the one it hears', () => {
    const { breaker } = timeline();
    const heard: string[] = [];
    breaker.onStateChange(({ to }) => {
      if (to === 'isolated') breaker.reset();
    });
    breaker.onStateChange(({ to }) => heard.push(to));
    breaker.isolate();
    expect(heard).toEqual(['isolated', 'closed']);
  });
});
