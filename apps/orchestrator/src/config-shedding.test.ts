import { readConfig } from './config.ts';

const shedding = (text?: string) => {
  const outcome = readConfig(text === undefined ? {} : { SHEDDING_POLICY: text });
  if (!outcome.ok) return outcome.faults;
  const { otherwise, byCapability } = outcome.config.shedding;
  return { otherwise, byCapability: Object.fromEntries(byCapability) };
};

describe('SHEDDING_POLICY', () => {
  it('is block where nothing is said', () => {
    expect(shedding()).toEqual({ otherwise: 'block', byCapability: {} });
  });

  it('may be one policy for all, and others for some', () => {
    expect(shedding('sample, face=latest_per_camera,plate=deadline')).toEqual({
      otherwise: 'sample',
      byCapability: { face: 'latest_per_camera', plate: 'deadline' },
    });
  });

  it.each(['never', 'face=never', 'face', 'a=b=block', 'a b=block', ','])('refuses %j in words', (text) => {
    expect(shedding(text)).toEqual([
      expect.stringMatching(/^SHEDDING_POLICY: expected one of block, drop_oldest, .*, found /),
    ]);
  });

  it('is one of all faults that are reported at once', () => {
    const outcome = readConfig({ SHEDDING_POLICY: 'x', CIRCUIT_FAILURES: '0', WAITING_PER_CAPABILITY: 'y' });
    expect(outcome.ok ? [] : outcome.faults.map((fault) => fault.split(':')[0]).toSorted()).toEqual([
      'CIRCUIT_FAILURES',
      'SHEDDING_POLICY',
      'WAITING_PER_CAPABILITY',
    ]);
  });
});
