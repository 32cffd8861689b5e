import fc from 'fast-check';
import type { Availability, RouteRequest, RouterProcessor } from './processor.ts';
import { createRouter, type Router } from './router.ts';
import type { RouterOptions } from './router-options.ts';

/** What a router should know, kept in the plainest way. */
interface Known {
  processor: RouterProcessor;
  availability: Availability;
  outstanding: number;
  turn: number;
}

class Model {
  readonly processors = new Map<string, Known>();
  turns = 0;

  members({ capability }: RouteRequest): Known[] {
    return [...this.processors.values()].filter(
      ({ processor }) => capability === undefined || processor.capabilities.includes(capability),
    );
  }

  serving(request: RouteRequest): Known[] {
    const members = this.members(request);
    const countable = members.filter(({ availability }) => !['draining', 'isolated'].includes(availability));
    const available = countable.filter(({ availability }) => availability === 'available');
    return available.length < countable.length / 2 ? countable : available;
  }

  accepting(request: RouteRequest): Known[] {
    return this.serving(request).filter(({ processor: p }) => {
      if (p.cameras && !p.cameras.includes(request.cameraId)) return false;
      if (p.formats && request.format !== undefined && !p.formats.includes(request.format)) return false;
      const { width } = request;
      return width === undefined || (width >= (p.minWidth ?? 0) && width <= (p.maxWidth ?? Infinity));
    });
  }

  /** Those that may be chosen. */
  choices(request: RouteRequest): Known[] {
    const accepting = this.accepting(request);
    const others = accepting.filter(({ processor }) => processor.id !== request.avoid);
    return (others.length > 0 ? others : accepting).filter((one) => one.outstanding < one.processor.capacity);
  }
}

const ids = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6'];
const id = fc.constantFrom(...ids);
const cameraId = fc.constantFrom('c1', 'c2', 'c3');
const processor: fc.Arbitrary<RouterProcessor> = fc.record(
  {
    id,
    capabilities: fc.subarray(['a', 'b']),
    capacity: fc.integer({ min: 1, max: 4 }),
    weight: fc.constantFrom(0.5, 1, 3),
    formats: fc.subarray(['jpeg', 'png'], { minLength: 1 }),
    maxWidth: fc.constantFrom(640, 1280),
    minWidth: fc.constantFrom(320, 800),
    cameras: fc.subarray(['c1', 'c2'], { minLength: 1 }),
  },
  { requiredKeys: ['id', 'capabilities', 'capacity'] },
);
const request: fc.Arbitrary<RouteRequest> = fc.record(
  {
    capability: fc.constantFrom('a', 'b', 'c', undefined),
    cameraId,
    format: fc.constantFrom('jpeg', 'png'),
    width: fc.constantFrom(320, 640, 1280, 1920),
    avoid: id,
  },
  { requiredKeys: ['capability', 'cameraId'] },
);
const plain = fc.record({
  id,
  capabilities: fc.subarray(['a', 'b']),
  capacity: fc.integer({ min: 1, max: 4 }),
});

type Command =
  | { do: 'put'; processor: RouterProcessor }
  | { do: 'remove'; id: string }
  | { do: 'availability'; id: string; availability: Availability }
  | { do: 'outstanding'; id: string; outstanding: number }
  | { do: 'release'; id: string }
  | { do: 'tick'; ms: number }
  | { do: 'decide'; request: RouteRequest };

const outstanding = fc.integer({ min: 0, max: 5 });
const availability = fc.constantFrom<Availability>(
  'available',
  'available',
  'unhealthy',
  'circuit_open',
  'draining',
  'isolated',
);
const decideCommand = fc.record({ do: fc.constant('decide' as const), request });
const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), processor: fc.oneof(plain, processor) }),
  fc.record({ do: fc.constant('remove' as const), id }),
  fc.record({ do: fc.constant('availability' as const), id, availability }),
  fc.record({ do: fc.constant('outstanding' as const), id, outstanding }),
  fc.record({ do: fc.constant('release' as const), id }),
  fc.record({ do: fc.constant('tick' as const), ms: fc.constantFrom(1, 500, 3000, -10_000, 1e9) }),
  decideCommand,
  decideCommand,
  decideCommand,
);
const script = fc
  .tuple(fc.array(plain, { minLength: 2, maxLength: 5 }), fc.array(command, { maxLength: 60 }))
  .map(([first, rest]): Command[] => [
    ...first.map((one) => ({ do: 'put' as const, processor: one })),
    ...rest,
  ]);

function apply(one: Command, router: Router, model: Model): void {
  if (one.do === 'put') {
    const known = model.processors.get(one.processor.id);
    if (known) known.processor = one.processor;
    else {
      const fresh = {
        processor: one.processor,
        availability: 'available' as const,
        outstanding: 0,
        turn: ++model.turns,
      };
      model.processors.set(one.processor.id, fresh);
    }
    router.put(one.processor);
  } else if (one.do === 'remove') {
    model.processors.delete(one.id);
    router.remove(one.id);
  } else if (one.do === 'availability') {
    const known = model.processors.get(one.id);
    if (known) known.availability = one.availability;
    router.setAvailability(one.id, one.availability);
  } else if (one.do === 'outstanding') {
    const known = model.processors.get(one.id);
    if (known) known.outstanding = one.outstanding;
    router.setOutstanding(one.id, one.outstanding);
  } else if (one.do === 'release') {
    const known = model.processors.get(one.id);
    if (known) known.outstanding = Math.max(0, known.outstanding - 1);
    router.release(one.id);
  }
}

/** The state before a decision, and the decision. */
interface Step {
  readonly router: Router;
  readonly model: Model;
  readonly request: RouteRequest;
  readonly decision: ReturnType<Router['decide']>;
  readonly explanation: ReturnType<Router['explain']>;
}

/** Runs a script on both; `check` sees every decision. */
function run(
  commands: readonly Command[],
  options: Partial<RouterOptions>,
  check: (step: Step) => void,
): void {
  let nowMs = 0;
  const router = createRouter({ rng: () => 0.5, ...options, clock: () => nowMs });
  const model = new Model();
  for (const one of commands) {
    apply(one, router, model);
    if (one.do === 'tick') nowMs += one.ms;
    if (one.do !== 'decide') continue;
    const explanation = router.explain(one.request);
    const decision = router.decide(one.request);
    check({ router, model, request: one.request, decision, explanation });
    if (decision.processorId === undefined) continue;
    router.reserve(decision.processorId);
    const known = model.processors.get(decision.processorId) as Known;
    known.outstanding++;
    known.turn = ++model.turns;
  }
}

const loadOf = ({ processor: { capacity, weight = 1 }, outstanding: count }: Known): number =>
  count / (capacity * weight);

const settings: [name: string, options: Partial<RouterOptions>][] = [
  ['round_robin', { strategy: 'round_robin' }],
  ['least_loaded', { strategy: 'least_loaded' }],
  ['least_loaded on stale counts', { strategy: 'least_loaded', freshness: () => 'stale' }],
  ['affinity', { strategy: 'affinity', maxCameras: 2 }],
];

describe.each(settings)('%s, whatever happened before', (_name, options) => {
  const assertAlways = (seed: number, check: Parameters<typeof run>[2]): void =>
    fc.assert(
      fc.property(script, (commands) => run(commands, options, check)),
      { seed, numRuns: 300 },
    );

  it('chooses one that has credit, serves and accepts the frame, whenever there is one', () => {
    assertAlways(10, ({ model, request: asked, decision }) => {
      const choices = model.choices(asked).map(({ processor: { id: name } }) => name);
      if (choices.length === 0) expect(decision.processorId).toBeUndefined();
      else expect(choices).toContain(decision.processorId);
    });
  });

  it('says why it chose none', () => {
    assertAlways(11, ({ model, request: asked, decision }) => {
      if (decision.processorId !== undefined) return;
      if (model.members(asked).length === 0) expect(decision.why).toBe('no_processor');
      else if (model.accepting(asked).length > 0) expect(decision.why).toBe('no_credit');
      else expect(['unavailable', 'constraints']).toContain(decision.why);
    });
  });

  it('says panic exactly where it chose one that is not available', () => {
    assertAlways(12, ({ model, decision }) => {
      if (decision.processorId === undefined) return;
      const known = model.processors.get(decision.processorId);
      expect(decision.reason === 'panic').toBe(known?.availability !== 'available');
    });
  });

  it('carries the outstanding count that it was made on', () => {
    assertAlways(13, ({ model, decision }) => {
      if (decision.processorId === undefined) return;
      expect(decision.load).toBe(model.processors.get(decision.processorId)?.outstanding);
    });
  });

  it('has credit exactly where a frame without constraints would be decided', () => {
    assertAlways(14, ({ router, model, request: { capability } }) => {
      const free = model
        .serving({ capability, cameraId: '' })
        .some((one) => one.outstanding < one.processor.capacity);
      expect(router.hasCredit(capability)).toBe(free);
    });
  });

  it('explains what it then decides', () => {
    assertAlways(15, ({ decision, explanation }) => {
      expect(explanation.decision).toEqual(decision);
    });
  });

  it('excludes in its explanation exactly those that it could not choose', () => {
    assertAlways(16, ({ model, request: asked, explanation }) => {
      const open = explanation.candidates.filter(({ excluded }) => excluded === undefined);
      expect(open.map(({ processorId }) => processorId).sort()).toEqual(
        model
          .choices(asked)
          .map(({ processor: { id: name } }) => name)
          .sort(),
      );
    });
  });

  it('recalls of every decision what it explained then, or says that it forgot', () => {
    const rememberedChanges = 40;
    const past = fc.property(script, (commands) => {
      const told: (Step & { moment: number })[] = [];
      run(commands, { ...options, rememberedChanges }, (step) =>
        told.push({ ...step, moment: step.router.moment() }),
      );
      for (const { router, moment, request: asked, explanation } of told) {
        const recalled = router.recall(moment, asked, explanation.decision.processorId);
        if (router.moment() - moment > rememberedChanges) expect(recalled).toBeUndefined();
        else expect(recalled).toEqual(explanation.candidates);
      }
    });
    fc.assert(past, { seed: 17, numRuns: 300 });
  });
});

describe('least_loaded', () => {
  it('chooses one with the least load of those that can take the frame', () => {
    fc.assert(
      fc.property(script, (commands) =>
        run(commands, { strategy: 'least_loaded' }, ({ model, request: asked, decision }) => {
          if (decision.processorId === undefined) return;
          const chosen = model.processors.get(decision.processorId) as Known;
          expect(loadOf(chosen)).toBe(Math.min(...model.choices(asked).map(loadOf)));
        }),
      ),
      { seed: 20, numRuns: 300 },
    );
  });
});

describe('round_robin', () => {
  it('chooses the one whose turn is longest ago of those that can take the frame', () => {
    fc.assert(
      fc.property(script, (commands) =>
        run(commands, { strategy: 'round_robin' }, ({ model, request: asked, decision }) => {
          if (decision.processorId === undefined) return;
          const chosen = model.processors.get(decision.processorId) as Known;
          expect(chosen.turn).toBe(Math.min(...model.choices(asked).map(({ turn }) => turn)));
        }),
      ),
      { seed: 21, numRuns: 300 },
    );
  });
});
