import { COMPLAINTS } from './live-state.ts';
import { complaints, createVerdict, type VerdictFacts } from './verdict.ts';

const FINE: VerdictFacts = {
  unaccounted: 0,
  lostLately: 0,
  redisAnswers: true,
  policy: 'noeviction',
  memoryUsed: 0.2,
  headroomSeconds: undefined,
  reading: true,
  paused: false,
  waiting: [{ capability: 'detect', frames: 3, oldestSeconds: 0.2 }],
  served: new Set(['detect']),
  withheld: new Map(),
  died: [],
  silent: [],
  breakersOpen: [],
  pressure: { level: 'low', cause: null },
  silentCameras: [],
  deadLettersLastMinute: 0,
  deadLetterReason: undefined,
};
const kinds = (facts: Partial<VerdictFacts>) => complaints({ ...FINE, ...facts }).map(({ kind }) => kind);

describe('complaints', () => {
  it('are none while all is well, whatever is unknown', () => {
    expect(kinds({})).toEqual([]);
    expect(
      kinds({ unaccounted: undefined, policy: undefined, memoryUsed: undefined, pressure: undefined }),
    ).toEqual([]);
  });

  it.each<[string, Partial<VerdictFacts>]>([
    ['unaccounted', { unaccounted: 2 }],
    ['lost_upstream', { lostLately: 5 }],
    ['redis', { redisAnswers: false }],
    ['redis', { reading: false }],
    ['redis', { policy: 'allkeys-lru' }],
    ['redis', { memoryUsed: 0.95 }],
    ['redis', { headroomSeconds: 60 }],
    ['no_processor', { served: new Set() }],
    ['processor_died', { died: ['p1'] }],
    ['processor_silent', { silent: [{ id: 'p1', heartbeatAgeMs: 4_000 }] }],
    ['breaker_open', { breakersOpen: ['p1'] }],
    ['pressure', { pressure: { level: 'critical', cause: null } }],
    ['waiting', { waiting: [{ capability: 'detect', frames: 1, oldestSeconds: 6 }] }],
    ['camera_silent', { silentCameras: [{ camera: 'c1', silentMs: 5_000 }] }],
    ['dead_letters', { deadLettersLastMinute: 1 }],
    ['paused', { paused: true }],
  ])('tell %s from %j', (kind, facts) => {
    expect(kinds(facts)).toEqual([kind]);
  });

  it('come worst first', () => {
    const everything: VerdictFacts = {
      ...FINE,
      unaccounted: 1,
      lostLately: 1,
      policy: 'allkeys-lru',
      served: new Set(),
      waiting: [{ capability: 'detect', frames: 1, oldestSeconds: 9 }],
      died: ['a'],
      silent: [{ id: 'b', heartbeatAgeMs: 3_000 }],
      breakersOpen: ['c'],
      pressure: { level: 'critical', cause: null },
      silentCameras: [{ camera: 'd', silentMs: 9_000 }],
      deadLettersLastMinute: 1,
      paused: true,
    };
    expect(complaints(everything).map(({ kind }) => kind)).toEqual([...COMPLAINTS]);
  });

  it('do not hold it against the orchestrator that it reads nothing while it is paused', () => {
    expect(kinds({ paused: true, reading: false })).toEqual(['paused']);
  });

  it('name what a frame for several capabilities lacks', () => {
    const [found] = complaints({
      ...FINE,
      waiting: [{ capability: 'detect+read', frames: 4, oldestSeconds: 1 }],
    });
    expect(found?.title).toBe('4 frames wait, and no processor takes read.');
    expect(found?.next).toBe('Start a processor for read.');
  });

  it('tell those that wait for room from those that can’t go where there is some', () => {
    const causeOf = (aside: number) =>
      complaints({ ...FINE, waiting: [{ capability: 'detect', frames: 5, oldestSeconds: 9, aside }] })[0]
        ?.cause;
    expect(causeOf(0)).toBe('All processors for detect are at their capacity.');
    expect(causeOf(3)).toMatch(/^3 of them can’t go to the processors that have room: their camera/);
    expect(causeOf(5)).toMatch(/^They can’t go/);
  });

  it('say that a processor which could take them is withheld', () => {
    const withheld = new Map([['detect', 'p1, which takes it, is draining.']]);
    const [found] = complaints({ ...FINE, served: new Set(), withheld });
    expect(found).toMatchObject({
      cause: 'p1, which takes it, is draining.',
      next: expect.stringContaining('Restore'),
    });
  });

  it('name a few of many', () => {
    const [found] = complaints({ ...FINE, died: ['a', 'b', 'c', 'd', 'e'] });
    expect(found?.title).toBe('5 processors died: a, b, c and 2 more.');
  });
});

describe('the verdict', () => {
  it('is fine since the trouble ended', () => {
    const verdict = createVerdict(0);
    expect(verdict(FINE, 1_000)).toMatchObject({ level: 'fine', sinceMs: 0 });
    verdict({ ...FINE, unaccounted: 1 }, 2_000);
    verdict({ ...FINE, unaccounted: 1 }, 3_000);
    expect(verdict(FINE, 4_000)).toMatchObject({ level: 'fine', sinceMs: 3_000 });
  });

  it('keeps since when each thing is wrong, also when something worse comes on top', () => {
    const verdict = createVerdict(0);
    verdict({ ...FINE, died: ['a'] }, 1_000);
    expect(verdict({ ...FINE, died: ['a', 'b'], unaccounted: 1 }, 5_000)).toMatchObject({
      level: 'bad',
      kind: 'unaccounted',
      sinceMs: 5_000,
      others: [{ kind: 'processor_died', sinceMs: 1_000 }],
    });
    expect(verdict({ ...FINE, died: ['b'] }, 6_000)).toMatchObject({ level: 'warn', sinceMs: 1_000 });
  });

  it('begins anew after it was well in between', () => {
    const verdict = createVerdict(0);
    verdict({ ...FINE, paused: true }, 1_000);
    verdict(FINE, 2_000);
    expect(verdict({ ...FINE, paused: true }, 3_000).sinceMs).toBe(3_000);
  });
});
