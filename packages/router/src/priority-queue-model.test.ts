import fc from 'fast-check';
import type { PriorityClass } from './priority-classes.ts';
import { createPriorityQueue, type Place } from './priority-queue.ts';

interface Entry {
  item: number;
  lane?: string | undefined;
  sinceMs: number;
  deadlineMs: number;
}

const CLASSES = [
  { name: 'high', from: 6, weight: 3, limit: 8 },
  { name: 'normal', from: 3, weight: 2 },
  { name: 'low', from: 0, weight: 1, limit: 4 },
];
/** A full class looks for what has expired, which the model does in front only. */
const UNLIMITED = CLASSES.map((one) => ({ ...one, limit: undefined }));
const AGED_AFTER_MS = 100;
const AGED_EVERY = 4;

/** Deficit round robin with an aged escape over plain arrays, in which what is set aside is passed over. */
class Model {
  nowMs = 0;
  expired: number[] = [];
  readonly #classes: readonly PriorityClass[];
  readonly #lists: Entry[][];
  #left: number[];
  readonly #closed = new Set<string>();
  #escaped = false;
  /** Dispatches since the last escape, or since nothing was due for one. */
  #sinceLook = 0;

  constructor(classes: readonly PriorityClass[]) {
    this.#classes = classes;
    this.#lists = classes.map(() => []);
    this.#left = classes.map(({ weight }) => weight);
  }

  sizes(): number[] {
    return this.#lists.map(({ length }) => length);
  }

  waiting(): number[] {
    return this.#lists.flat().map(({ item }) => item);
  }

  push(priority: number, entry: Entry): boolean {
    const index = indexOf(priority);
    const list = this.#lists[index] as Entry[];
    if (list.length >= (this.#classes[index]?.limit ?? Infinity)) return false;
    list.push(entry);
    return true;
  }

  putBack(priority: number, entry: Entry): void {
    const index = indexOf(priority);
    this.#lists[index]?.unshift(entry);
    this.#left[index] = Math.min((this.#left[index] as number) + 1, this.#classes[index]?.weight as number);
  }

  remove(item: number): void {
    for (const list of this.#lists) {
      const index = list.findIndex((entry) => entry.item === item);
      if (index >= 0) list.splice(index, 1);
    }
  }

  replace(item: number, by: Pick<Entry, 'item' | 'deadlineMs'>): void {
    for (const list of this.#lists) {
      const found = list.find((entry) => entry.item === item);
      if (found) Object.assign(found, by, { lane: undefined });
    }
  }

  available(): number {
    return this.#lists.flat().filter((entry) => this.#isUp(entry)).length;
  }

  /** Takes one and sets it aside where it stood. */
  setAside(lane: string): number | undefined {
    const before = this.#lists.map((list) => [...list]);
    const item = this.pop();
    if (item === undefined) return undefined;
    const expired = new Set(this.expired);
    before.forEach((list, index) => {
      const entry = list.find((one) => one.item === item);
      if (!entry) return;
      entry.lane = lane;
      this.#closed.add(lane);
      this.#lists[index] = list.filter((one) => !expired.has(one.item));
      if (this.#escaped) this.#sinceLook = AGED_EVERY - 1;
      else {
        this.#sinceLook = Math.max(0, this.#sinceLook - 1);
        this.#left[index]!++;
      }
    });
    return item;
  }

  isClosed(lane: string): boolean {
    return this.#closed.has(lane);
  }

  open(lane: string): void {
    this.#closed.delete(lane);
  }

  rejoin(): void {
    for (const entry of this.#lists.flat()) entry.lane = undefined;
  }

  inLane(lane: string | undefined): number[] {
    return this.#lists
      .flat()
      .filter((entry) => entry.lane === lane)
      .map(({ item }) => item);
  }

  #isUp({ lane }: Entry): boolean {
    return lane === undefined || !this.#closed.has(lane);
  }

  pop(): number | undefined {
    for (;;) {
      if (this.available() === 0) return undefined;
      const escaping = this.#escaping();
      const index = escaping ?? this.#turn();
      const list = this.#lists[index] as Entry[];
      const [entry] = list.splice(
        list.findIndex((one) => this.#isUp(one)),
        1,
      ) as [Entry];
      if (entry.deadlineMs < this.nowMs) {
        this.expired.push(entry.item);
        continue;
      }
      this.#escaped = escaping !== undefined;
      if (escaping === undefined) this.#left[index]!--;
      this.#sinceLook = escaping === undefined ? this.#sinceLook + 1 : 0;
      return entry.item;
    }
  }

  #escaping(): number | undefined {
    if (this.#sinceLook < AGED_EVERY - 1) return undefined;
    const fronts = this.#lists.map((list) => list.find((entry) => this.#isUp(entry)));
    for (const front of fronts) if (front && front.sinceMs > this.nowMs) front.sinceMs = this.nowMs;
    const oldest = Math.min(...fronts.map((front) => front?.sinceMs ?? Infinity));
    if (!(this.nowMs - oldest > AGED_AFTER_MS)) {
      this.#sinceLook = 0;
      return undefined;
    }
    return fronts.findIndex((front) => front?.sinceMs === oldest);
  }

  #turn(): number {
    const next = (): number =>
      this.#lists.findIndex(
        (list, i) => list.some((entry) => this.#isUp(entry)) && (this.#left[i] as number) > 0,
      );
    if (next() < 0) this.#left = this.#classes.map(({ weight }) => weight);
    return next();
  }
}

const indexOf = (priority: number): number => CLASSES.findIndex(({ from }) => priority >= from);

const command = fc.record({
  do: fc.constantFrom(
    'push',
    'push',
    'push',
    'pop',
    'pop',
    'putBack',
    'setAside',
    'setAside',
    'open',
    'rejoin',
    'remove',
    'replace',
    'tick',
    'stepBack',
  ),
  priority: fc.nat(10),
  pick: fc.nat(1000),
  deadline: fc.option(fc.integer({ min: -50, max: 300 }), { nil: undefined }),
  ms: fc.constantFrom(1, 20, 150),
});
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** Runs commands on queue and model; what both hand out must be equal. */
function run(commands: readonly Command[], classes: readonly PriorityClass[], withDeadlines: boolean): void {
  const model = new Model(classes);
  const queue = createPriorityQueue<number>({
    classes,
    agedAfterMs: AGED_AFTER_MS,
    agedEvery: AGED_EVERY,
    clock: () => model.nowMs,
  });
  const places: Place<number>[] = [];
  const priorities = new Map<number, number>();
  let next = 0;
  for (const { do: action, priority, pick, deadline, ms } of commands) {
    const item = next++;
    const deadlineMs = withDeadlines && deadline !== undefined ? model.nowMs + deadline : Infinity;
    const entry = { item, sinceMs: model.nowMs, deadlineMs };
    const place = places[pick % Math.max(places.length, 1)];
    const lane = `lane ${pick % 3}`;
    if (action === 'push') {
      priorities.set(item, priority);
      const given = queue.push(item, priority, model.nowMs, deadlineMs);
      if (given) places.push(given);
      expect(given !== undefined).toBe(model.push(priority, entry));
    } else if (action === 'pop') {
      expect(queue.pop()).toBe(model.pop());
    } else if (action === 'putBack') {
      const popped = queue.pop();
      expect(popped).toBe(model.pop());
      if (popped === undefined) continue;
      const own = priorities.get(popped) as number;
      places.push(queue.putBack(popped, own, model.nowMs));
      model.putBack(own, { item: popped, sinceMs: model.nowMs, deadlineMs: Infinity });
    } else if (action === 'setAside') {
      const taken = queue.take();
      if (taken) queue.setAside(taken, lane);
      expect(taken?.item).toBe(model.setAside(lane));
    } else if (action === 'open') {
      queue.open(lane);
      model.open(lane);
    } else if (action === 'rejoin') {
      queue.rejoin();
      model.rejoin();
    } else if (action === 'remove' && place) {
      const { item: removed } = place;
      const waited = queue.has(place);
      expect(queue.remove(place)).toBe(waited);
      if (waited) model.remove(removed);
    } else if (action === 'replace' && place) {
      const { item: former } = place;
      priorities.set(item, place.priority);
      if (queue.replace(place, item, deadlineMs)) model.replace(former, { item, deadlineMs });
    } else if (action === 'tick') model.nowMs += ms;
    else if (action === 'stepBack') model.nowMs -= 10 * ms;
    const [state, expected] = [
      [queue.size, ...queue.sizes().map(([, size]) => size)],
      [model.waiting().length, ...model.sizes()],
    ];
    expect([...state, ...[...queue].map((waiting) => waiting.item)]).toEqual([
      ...expected,
      ...model.waiting(),
    ]);
    expect(queue.available).toBe(model.available());
    for (const one of queue.lanes()) expect(queue.isClosed(one)).toBe(model.isClosed(one));
    for (const one of [undefined, ...queue.lanes()])
      expect([...queue.inLane(one)].map((waiting) => waiting.item)).toEqual(model.inLane(one));
    expect(queue.oldestSinceMs() === undefined).toBe(queue.size === 0);
  }
  for (const lane of [...queue.lanes()]) {
    queue.open(lane);
    model.open(lane);
  }
  while (queue.size > 0) expect(queue.pop()).toBe(model.pop());
  const expired: number[] = [];
  for (let late = queue.takeExpired(); late !== undefined; late = queue.takeExpired()) expired.push(late);
  expect(expired).toEqual(model.expired);
}

describe('the priority queue', () => {
  it('does what deficit round robin over plain lists does, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 150 }), (commands) => run(commands, CLASSES, false)),
      { seed: 30, numRuns: 200 },
    );
  });

  it('loses nothing and hands out nothing twice, deadlines or not', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 150 }), (commands) => {
        let nowMs = 0;
        const queue = createPriorityQueue<number>({ classes: CLASSES, clock: () => nowMs });
        const places: Place<number>[] = [];
        const inside = new Set<number>();
        const gone = (item: number | undefined): void => {
          if (item !== undefined) expect(inside.delete(item)).toBe(true);
        };
        commands.forEach(({ do: action, priority, pick, deadline = Infinity, ms }, item) => {
          const place = places[pick % Math.max(places.length, 1)];
          if (action === 'push') {
            const given = queue.push(item, priority, nowMs, nowMs + deadline);
            if (given) {
              places.push(given);
              inside.add(item);
            }
          } else if (action === 'pop') gone(queue.pop());
          else if (action === 'putBack') gone(queue.takeExpired());
          else if (action === 'remove' && place) {
            const { item: removed } = place;
            if (queue.remove(place)) gone(removed);
          } else if (action === 'replace' && place) {
            const { item: former } = place;
            if (queue.replace(place, item, nowMs + deadline)) {
              gone(former);
              inside.add(item);
            }
          } else nowMs += action === 'tick' ? ms : -ms;
        });
        while (queue.size > 0) gone(queue.pop());
        for (let late = queue.takeExpired(); late !== undefined; late = queue.takeExpired()) gone(late);
        expect(inside.size).toBe(0);
      }),
      { seed: 31, numRuns: 200 },
    );
  });

  it('finds every item in time or after its deadline, never before', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 }),
        fc.integer({ min: 40, max: 3_000 }),
        (deadlines, stepMs) => {
          let nowMs = 0;
          const queue = createPriorityQueue<number>({ clock: () => nowMs });
          queue.push(Infinity, 0);
          for (const deadlineMs of deadlines) queue.push(deadlineMs, 0, 0, deadlineMs);
          for (nowMs = 0; nowMs < 25_000; nowMs += stepMs) {
            for (let late = queue.takeExpired(); late !== undefined; late = queue.takeExpired())
              expect(late).toBeLessThan(nowMs);
            expect([...queue].every(({ deadlineMs }) => deadlineMs > nowMs - 33)).toBe(true);
          }
          expect(queue.size).toBe(1);
        },
      ),
      { seed: 32, numRuns: 60 },
    );
  });
});

describe('the priority queue with deadlines', () => {
  it('hands out in the same order what is still in time', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 60 }), (commands) => run(commands, UNLIMITED, true)),
      { seed: 33, numRuns: 200 },
    );
  });
});
