import { type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';

const never = (): Promise<never> => new Promise(() => {});

function timeline() {
  const time = { nowMs: 0 };
  const breaker = createCircuitBreaker({
    trip: consecutiveFailures(1),
    slowCallMs: 100,
    openJitter: 0,
    clock: () => time.nowMs,
  });
  return { breaker, time };
}

const failed = (breaker: CircuitBreaker): number => breaker.counters().failed;

describe('execute', () => {
  it('gives the value of the call', async () => {
    const { breaker } = timeline();
    await expect(breaker.execute(async () => 42)).resolves.toEqual({ ok: true, value: 42 });
    expect(breaker.counters().succeeded).toBe(1);
  });

  it('rejects with what the call threw, and counts it', async () => {
    const { breaker } = timeline();
    const fault = new Error('down');
    await expect(breaker.execute(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(breaker.stateName).toBe('open');
  });

  it('counts a synchronous throw', async () => {
    const { breaker } = timeline();
    const call = breaker.execute(() => {
      throw new Error('down');
    });
    await expect(call).rejects.toThrow('down');
    expect(failed(breaker)).toBe(1);
  });

  it('says why there was no call', async () => {
    const { breaker } = timeline();
    breaker.fail(breaker.tryAcquire());
    let called = false;
    const result = await breaker.execute(() => (called = true));
    expect(result).toEqual({ ok: false, reason: 'open', retryAfterMs: 1_000 });
    expect(called).toBe(false);
  });

  it('measures the call', async () => {
    const { breaker, time } = timeline();
    await breaker.execute(async () => {
      time.nowMs += 101;
    });
    expect(breaker.counters().slow).toBe(1);
  });

  it('takes no permit where the signal was aborted before', async () => {
    const { breaker } = timeline();
    const call = breaker.execute(() => 1, { signal: AbortSignal.abort(new Error('leaving')) });
    await expect(call).rejects.toThrow('leaving');
    expect(breaker.counters().admitted).toBe(0);
  });

  it('ends when the signal aborts, though the call goes on, and ignores it', async () => {
    const { breaker } = timeline();
    const controller = new AbortController();
    const call = breaker.execute(never, { signal: controller.signal });
    controller.abort(new Error('leaving'));
    await expect(call).rejects.toThrow('leaving');
    expect(breaker.counters()).toMatchObject({ ignored: 1, failed: 0 });
  });

  it('counts a time limit as a failure', async () => {
    const { breaker } = timeline();
    const call = breaker.execute(never, { signal: AbortSignal.timeout(1) });
    await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(failed(breaker)).toBe(1);
  });

  it('hands the signal to the call', async () => {
    const { breaker } = timeline();
    const { signal } = new AbortController();
    const result = await breaker.execute((context) => context.signal === signal, { signal });
    expect(result).toEqual({ ok: true, value: true });
  });

  it('gives the permit of an error judged ignored back', async () => {
    const { breaker, time } = timeline();
    breaker.fail(breaker.tryAcquire());
    time.nowMs = 1_000;
    const call = breaker.execute(() => Promise.reject(new Error('bad input')), {
      judgeError: () => 'ignored',
    });
    await expect(call).rejects.toThrow('bad input');
    expect(breaker.state()).toMatchObject({ name: 'half_open', probesInFlight: 0 });
  });

  it('counts a value judged a failure, and gives it', async () => {
    const { breaker } = timeline();
    const result = await breaker.execute(async () => 503, {
      judgeResult: (status) => (status >= 500 ? 'failure' : 'success'),
    });
    expect(result).toEqual({ ok: true, value: 503 });
    expect(breaker.stateName).toBe('open');
  });

  it('settles the permit where a judge itself throws', async () => {
    const { breaker } = timeline();
    const call = breaker.execute(() => Promise.reject(new Error('down')), {
      judgeError: () => {
        throw new Error('judge');
      },
    });
    await expect(call).rejects.toThrow('judge');
    expect(failed(breaker)).toBe(1);
  });
});
