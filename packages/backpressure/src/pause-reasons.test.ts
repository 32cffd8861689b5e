import fc from 'fast-check';
import { type PauseReasons, type PauseSource, createPauseReasons } from './pause-reasons.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

describe('pausing', () => {
  it('lasts until every reason is gone', () => {
    const pauses = createPauseReasons();
    pauses.pause('manual', 'maintenance');
    pauses.pause('automatic', 'critical pressure');
    pauses.resume('manual', 'maintenance');
    expect(pauses.isPaused()).toBe(true);
    pauses.resume('automatic', 'critical pressure');
    expect(pauses.isPaused()).toBe(false);
  });

  it('keeps manual and automatic apart, also under the same name', () => {
    const pauses = createPauseReasons();
    pauses.pause('manual', 'redis');
    pauses.pause('automatic', 'redis');
    pauses.clear('automatic');
    expect([pauses.isPaused('manual'), pauses.isPaused('automatic')]).toEqual([true, false]);
  });

  it('counts a reason', () => {
    const pauses = createPauseReasons();
    pauses.pause('manual', 'maintenance');
    pauses.pause('manual', 'maintenance');
    expect(pauses.resume('manual', 'maintenance')).toBe(true);
    expect(pauses.isPaused()).toBe(true);
    expect(pauses.resume('manual', 'maintenance')).toBe(true);
    expect(pauses.resume('manual', 'maintenance')).toBe(false);
    expect(pauses.isPaused()).toBe(false);
  });

  it('is taken back by its disposer, once', () => {
    const pauses = createPauseReasons();
    const first = pauses.pause('automatic', 'pool faces');
    pauses.pause('automatic', 'pool faces');
    first();
    first();
    expect(pauses.reasons()).toMatchObject([{ reason: 'pool faces', count: 1 }]);
  });

  it('is not taken from others by a disposer that comes after a clear', () => {
    const pauses = createPauseReasons();
    const old = pauses.pause('automatic', 'pool faces');
    pauses.clear('automatic');
    pauses.pause('automatic', 'pool faces');
    old();
    expect(pauses.isPaused()).toBe(true);
  });

  it('clears one reason or all of a source, and says how many', () => {
    const pauses = createPauseReasons();
    pauses.pause('manual', 'a');
    pauses.pause('manual', 'a');
    pauses.pause('manual', 'b');
    expect(pauses.clear('manual', 'a')).toBe(2);
    expect(pauses.clear('manual')).toBe(1);
    expect(pauses.isPaused()).toBe(false);
  });

  it('tells reasons with their age, manual ones first', () => {
    const time = { nowMs: 0 };
    const pauses = createPauseReasons({ clock: () => time.nowMs });
    pauses.pause('automatic', 'critical pressure');
    time.nowMs = 50;
    pauses.pause('manual', 'maintenance');
    time.nowMs = 80;
    expect(pauses.reasons()).toEqual([
      { source: 'manual', reason: 'maintenance', count: 1, forMs: 30 },
      { source: 'automatic', reason: 'critical pressure', count: 1, forMs: 80 },
    ]);
  });

  it('is an event when it begins and when it ends, and only then', () => {
    const pauses = createPauseReasons();
    const heard: boolean[] = [];
    pauses.onChange((paused) => heard.push(paused));
    const end = pauses.pause('manual', 'a');
    pauses.pause('automatic', 'b');
    end();
    pauses.clear('automatic');
    pauses.clear('automatic');
    expect(heard).toEqual([true, false]);
  });
});

describe('pauses and their model', () => {
  type Step = fc.Command<Map<string, number>, PauseReasons>;
  const step = (what: 'pause' | 'resume' | 'clear', source: PauseSource, reason: string): Step => ({
    check: () => true,
    run(model, pauses) {
      const key = `${source}/${reason}`;
      const held = model.get(key) ?? 0;
      if (what === 'pause') pauses.pause(source, reason);
      else if (what === 'resume') expect(pauses.resume(source, reason)).toBe(held > 0);
      else expect(pauses.clear(source, reason)).toBe(held);
      model.set(key, what === 'pause' ? held + 1 : what === 'resume' ? Math.max(0, held - 1) : 0);
      const counts = Object.fromEntries([...model].filter(([, count]) => count > 0));
      expect(Object.fromEntries(pauses.reasons().map((r) => [`${r.source}/${r.reason}`, r.count]))).toEqual(
        counts,
      );
      expect(pauses.isPaused()).toBe(Object.keys(counts).length > 0);
    },
    toString: () => `${what} ${source} ${reason}`,
  });

  it('cannot be told apart', () => {
    const steps = fc
      .tuple(
        fc.constantFrom('pause' as const, 'resume' as const, 'clear' as const),
        fc.constantFrom('manual' as const, 'automatic' as const),
        fc.constantFrom('a', 'b'),
      )
      .map((args) => step(...args));
    fc.assert(
      fc.property(fc.commands([steps], { maxCommands: 60 }), (commands) => {
        fc.modelRun(() => ({ model: new Map<string, number>(), real: createPauseReasons() }), commands);
      }),
    );
  });
});
