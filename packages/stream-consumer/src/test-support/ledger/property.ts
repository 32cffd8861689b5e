import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { LedgerModel } from './model.ts';
import * as orchestrator from './orchestrator-moves.ts';
import * as processor from './processor-moves.ts';
import { LedgerWorld, ORCHESTRATORS } from './world.ts';

/** Small capacities, so that queues are full often; one client of the older protocol, which only acknowledges. */
const PROCESSORS = [
  { id: 'p1', capacity: 2, completion: 'delete' },
  { id: 'p2', capacity: 6, completion: 'delete' },
  { id: 'old', capacity: 5, completion: 'acknowledge' },
] as const;
const MAX_MOVES = 150;
/** Entries in a node of a stream: trimming takes whole nodes, and 100 (the default) would never be trimmed here. */
const NODE_ENTRIES = '2';

type Move<Args> = (model: LedgerModel, world: LedgerWorld, args: Args) => Promise<void>;

/** A move with its arguments. After each one everything that can be counted must be what the model says. */
class Step<Args> implements fc.AsyncCommand<LedgerModel, LedgerWorld> {
  private readonly move: Move<Args>;
  private readonly args: Args;

  constructor(move: Move<Args>, args: Args) {
    this.move = move;
    this.args = args;
  }

  check(): boolean {
    return true;
  }

  async run(model: LedgerModel, world: LedgerWorld): Promise<void> {
    world.saw(this.move.name);
    await this.move(model, world, this.args);
    await world.compare(model);
  }

  toString(): string {
    return `${this.move.name}(${fc.stringify(this.args)})`;
  }
}

const number = fc.nat(PROCESSORS.length - 1);
const any = fc.nat(1000);
const some = fc.array(any, { minLength: 1, maxLength: 4 });
const often = fc.integer({ min: 1, max: 8 });
const source = fc.constantFrom('input' as const, 'retry' as const);
const who = fc.constantFrom(...ORCHESTRATORS);
const rarely = fc.nat(7).map((n) => n === 0);
const mostly = rarely.map((is) => !is);
const step = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const wanted = fc.constantFrom(['a'], ['b'], ['a', 'b']);

function weighted<Args extends object>(
  weight: number,
  move: Move<Args>,
  args: { [K in keyof Args]: fc.Arbitrary<Args[K]> },
): { weight: number; arbitrary: fc.Arbitrary<Step<Args>> } {
  return { weight, arbitrary: fc.record(args).map((drawn) => new Step(move, drawn as Args)) };
}

const pickOfTargets = fc.record({ pick: any, targets: fc.tuple(number, number) });
const ways = fc.constantFrom('failed' as const, 'terminal' as const, 'as it came' as const);
const ends = fc.constantFrom('dead letter' as const, 'shed' as const);

/** How often each move is drawn: what has to happen for the others to find something, most. */
const MOVES = fc.oneof(
  weighted(40, processor.publish, { wanted: fc.array(wanted, { minLength: 1, maxLength: 5 }) }),
  weighted(60, orchestrator.read, { orchestrator: who, source, count: often, isLost: rarely }),
  weighted(80, orchestrator.handOffBatch, {
    orchestrator: who,
    frames: fc.array(pickOfTargets, { minLength: 1, maxLength: 5 }),
  }),
  weighted(70, processor.take, { processor: number, count: often, isLost: rarely }),
  weighted(60, processor.complete, { processor: number, picks: some, forgets: mostly }),
  weighted(20, processor.returnFrame, { processor: number, pick: any, how: ways, forgets: mostly }),
  weighted(20, processor.acknowledge, { processor: fc.constant(PROCESSORS.length - 1), pick: any }),
  weighted(30, processor.register, { processor: number }),
  weighted(8, processor.unregister, { processor: number }),
  weighted(20, processor.die, { processor: number, isFailure: fc.boolean() }),
  weighted(15, processor.reclaim, { processor: number, isFailure: fc.boolean(), limit: step }),
  weighted(12, orchestrator.settle, { orchestrator: who, picks: some, how: ends }),
  weighted(16, orchestrator.adopt, { from: who, heir: who, source, limit: step }),
  weighted(20, orchestrator.trim, {}),
  weighted(4, orchestrator.readElsewhere, { count: fc.integer({ min: 1, max: 40 }) }),
  weighted(4, processor.trimAsPublisher, { keep: fc.nat(12) }),
  weighted(10, processor.requeue, { picks: some }),
  weighted(2, processor.discard, { pick: any }),
  weighted(1, orchestrator.deleteInput, {}),
  weighted(1, orchestrator.flush, {}),
);

export interface SearchOptions {
  readonly numRuns: number;
  /** Of a failure, to see it again. */
  readonly seed?: number;
  readonly path?: string;
}

/** Random sequences of everything that happens to frames, each script sent twice, on an empty Redis that nobody else uses. */
export async function searchLedger(
  redis: Redis,
  options: SearchOptions,
): Promise<ReadonlyMap<string, number>> {
  const tally = new Map<string, number>();
  await redis.config('SET', 'stream-node-max-entries', NODE_ENTRIES);
  const { numRuns, seed, path } = options;
  await fc.assert(
    fc.asyncProperty(fc.commands([MOVES], { maxCommands: MAX_MOVES, size: 'max' }), async (moves) => {
      const world = new LedgerWorld(redis, tally);
      const model = new LedgerModel(PROCESSORS);
      await world.reset();
      for (const i of PROCESSORS.keys()) await processor.register(model, world, { processor: i });
      await fc.asyncModelRun(() => ({ model, real: world }), moves);
      await world.assertKept(model);
      await world.assertOneResultEach();
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }) },
  );
  return tally;
}
