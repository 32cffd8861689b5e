import { INPUT_GROUP, keyNames, PROCESSOR_GROUP } from './key-names.ts';

/** Every key of a set, by name. */
function allOf(options?: Parameters<typeof keyNames>[0]): Record<string, string> {
  const { ready, health, orchestrator, ...plain } = keyNames(options);
  return { ...plain, ready: ready('p-1'), health: health('p-1'), orchestrator: orchestrator('o-1') };
}

describe('keyNames', () => {
  it('are those of the wire protocol', () => {
    expect(allOf()).toEqual({
      input: 'frames:metadata',
      retry: 'frames:retry',
      results: 'frames:results',
      deadLetter: 'frames:dead-letter',
      shed: 'frames:shed',
      ledger: 'frames:ledger',
      cutover: 'frames:cutover',
      advisedRates: 'frames:advised-rates',
      advisor: 'frames:advisor',
      events: 'frames:events',
      pixels: 'frames:pixels:',
      registry: 'processors:registry',
      ready: 'frames:ready:p-1',
      health: 'processors:health:p-1',
      orchestrator: 'orchestrators:o-1',
    });
  });

  it('have another prefix where that is configured', () => {
    const { ready, input, registry } = allOf({ prefix: 'site-2:frames:' });
    expect([input, ready, registry]).toEqual([
      'site-2:frames:metadata',
      'site-2:frames:ready:p-1',
      'processors:registry',
    ]);
  });

  it('have another input where that is configured, and nothing else', () => {
    expect(allOf({ input: 'cameras' })).toEqual({ ...allOf(), input: 'cameras' });
  });

  it('all bear one hash tag, so that they lie in one slot of a cluster', () => {
    const names = Object.values(allOf({ hashTag: 'shard-1' }));
    expect(new Set(names.map((name) => /\{(.+?)\}/.exec(name)?.[1]))).toEqual(new Set(['shard-1']));
  });

  it('never meet one another', () => {
    const names = Object.values(allOf({ hashTag: 'x' }));
    expect(new Set(names).size).toBe(names.length);
  });

  it('are the usual ones where an option is undefined', () => {
    expect(allOf({ prefix: undefined, input: undefined, hashTag: undefined })).toEqual(allOf());
  });
});

describe('the groups', () => {
  it('are those of the wire protocol', () => {
    expect([INPUT_GROUP, PROCESSOR_GROUP]).toEqual(['frame-buffer-group', 'frame-processors']);
  });
});
