import { readConfig } from './config.ts';

const given = (env: Record<string, string>) => {
  const outcome = readConfig(env);
  return outcome.ok ? outcome.config.inputStream : outcome.faults;
};

describe('INPUT_STREAM', () => {
  it.each(['cameras', 'frames:metadata', 'site-2:frames:metadata'])('may be %s', (name) => {
    expect(given({ INPUT_STREAM: name })).toBe(name);
  });

  it.each([
    'frames:retry',
    'frames:results',
    'frames:dead-letter',
    'frames:shed',
    'frames:ledger',
    'frames:ready:motion-1',
    'processors:registry',
    'processors:health:motion-1',
    'orchestrators:o1',
  ])('is refused where it is %s, which the protocol uses for something else', (name) => {
    expect(given({ INPUT_STREAM: name })).toEqual([
      `INPUT_STREAM: expected a stream of captured frames, not another key of the protocol, found "${name}"`,
    ]);
  });

  it('is judged by the names that a cluster has', () => {
    const env = { REDIS_CLUSTER_NODES: 'a:6379', REDIS_HASH_TAG: 'x' };
    expect(given({ ...env, INPUT_STREAM: '{x}:frames:retry' })).toHaveLength(1);
    expect(given({ ...env, INPUT_STREAM: '{x}:frames:metadata' })).toBe('{x}:frames:metadata');
  });

  it('is one of all faults that are reported at once', () => {
    expect(given({ REDIS_URL: 'nowhere', INPUT_STREAM: 'frames:retry' })).toHaveLength(2);
  });
});
