import { createCircuitBreaker } from './circuit-breaker.ts';

describe('options', () => {
  it.each([
    ['openMs', { openMs: 0 }],
    ['openGrowth', { openGrowth: 0.5 }],
    ['maxOpenMs', { openMs: 2_000, maxOpenMs: 1_000 }],
    ['openJitter', { openJitter: 1.5 }],
    ['halfOpenPermits', { halfOpenPermits: 0 }],
    ['successesToClose', { successesToClose: 1.5 }],
    ['probeTimeoutMs', { probeTimeoutMs: Number.NaN }],
    ['slowCallMs', { slowCallMs: -1 }],
  ])('refuses a %s out of range, by name', (name, options) => {
    expect(() => createCircuitBreaker(options)).toThrow(RangeError);
    expect(() => createCircuitBreaker(options)).toThrow(name);
  });

  it('takes an option that is undefined for one that was not given', () => {
    expect(() => createCircuitBreaker({ openMs: undefined, clock: undefined })).not.toThrow();
  });
});
