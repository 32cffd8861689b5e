import { completeOptions } from './options.ts';

const needed = { id: 'p1', capabilities: ['detect'], process: () => {} };

describe('the options', () => {
  it('have defaults for everything but id, capabilities and process', () => {
    expect(completeOptions(needed)).toMatchObject({
      concurrency: 1,
      capacity: 2,
      timeoutMs: 30_000,
      leaseMs: 5_000,
      drainMs: 10_000,
      orchestratorUrl: 'http://127.0.0.1:8002',
      redisUrl: 'redis://127.0.0.1:6379',
      resultStream: undefined,
      keyPrefix: 'frames:',
    });
  });

  it('want twice as many frames outstanding as in process', () => {
    expect(completeOptions({ ...needed, concurrency: 8 }).capacity).toBe(16);
  });

  it('take undefined for the default', () => {
    expect(completeOptions({ ...needed, timeoutMs: undefined }).timeoutMs).toBe(30_000);
  });

  it('are refused with every fault at once, by name, bounds and value', () => {
    const faulty = {
      id: 'no spaces',
      capabilities: [],
      process: 'x' as never,
      concurrency: 8,
      capacity: 4,
      timeoutMs: -1,
      leaseMs: 100,
      drainMs: Number.NaN,
      orchestratorUrl: 'http://user:hidden@host',
      redisUrl: 'localhost:6379',
    };
    expect(() => completeOptions(faulty)).toThrow(
      new RangeError(
        [
          'id: expected a processor id of 1 to 128 letters, digits, . _ : -, found "no spaces"',
          'capabilities: expected a list of at least one, each a capability such as object_detection (letters, digits, . _ : -), found []',
          'process: expected a function, found "x"',
          'capacity: expected a whole number from 8 to 100000, found 4',
          'timeoutMs: expected a whole number from 0 to 86400000, found -1',
          'leaseMs: expected a whole number from 500 to 3600000, found 100',
          'drainMs: expected a whole number from 0 to 86400000, found NaN',
          'orchestratorUrl: expected an http or https address without user and password',
          'redisUrl: expected an address that starts with redis://, rediss://, redis-sentinel:// or redis-cluster://, or hosts in REDIS_SENTINELS or REDIS_CLUSTER_NODES',
        ].join('; '),
      ),
    );
  });

  it('are refused where something needed is missing', () => {
    expect(() => completeOptions({} as typeof needed)).toThrow(
      /^id: .*; capabilities: .*; process: expected a function$/,
    );
  });
});
