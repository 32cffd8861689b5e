import fc from 'fast-check';
import { createPriorityQueue, type Place } from './priority-queue.ts';

interface Frame {
  readonly id: number;
  readonly cameraId: string;
  readonly priority: number;
}

/** A waiting room in which of each camera and priority only the newest frame waits, in the place of the one it supersedes. */
function latestPerCamera(places: number) {
  const queue = createPriorityQueue<Frame>();
  const placeOf = new Map<string, Place<Frame>>();
  const keyOf = ({ cameraId, priority }: Frame): string => `${priority} ${cameraId}`;
  const waitingOf = (frame: Frame): Place<Frame> | undefined => placeOf.get(keyOf(frame));

  function add(frame: Frame): void {
    const place = queue.push(frame, frame.priority);
    if (place) placeOf.set(keyOf(frame), place);
  }

  return {
    queue,
    waitingOf,
    known: () => placeOf.size,
    /** @returns the frame that was shed */
    arrive(frame: Frame): Frame | undefined {
      const waiting = waitingOf(frame);
      if (waiting) {
        const superseded = waiting.item;
        queue.replace(waiting, frame);
        return superseded;
      }
      const victim = queue.size >= places ? queue.lowest() : undefined;
      if (victim && victim.priority > frame.priority) return frame;
      const shed = victim?.item;
      if (victim && shed) {
        queue.remove(victim);
        placeOf.delete(keyOf(shed));
      }
      add(frame);
      return shed;
    },
    pop(): Frame | undefined {
      const frame = queue.pop();
      if (frame) placeOf.delete(keyOf(frame));
      return frame;
    },
  };
}

const frameOf = (id: number, cameraId: string, priority = 0): Frame => ({ id, cameraId, priority });

describe('latest_per_camera on the priority queue', () => {
  it('puts a camera’s newer frame in the place of the one that waits', () => {
    const room = latestPerCamera(10);
    room.arrive(frameOf(1, 'a'));
    room.arrive(frameOf(2, 'b'));
    expect(room.arrive(frameOf(3, 'a'))).toMatchObject({ id: 1 });
    expect([room.pop()?.id, room.pop()?.id, room.pop()]).toEqual([3, 2, undefined]);
  });

  it('gives up the oldest of the lowest class where cameras are more than places', () => {
    const room = latestPerCamera(2);
    room.arrive(frameOf(1, 'a'));
    room.arrive(frameOf(2, 'b', 9));
    expect(room.arrive(frameOf(3, 'c'))).toMatchObject({ id: 1 });
    expect(room.arrive(frameOf(4, 'd', 9))).toMatchObject({ id: 3 });
    expect(room.arrive(frameOf(5, 'e'))).toMatchObject({ id: 5 });
  });

  it('accounts for every frame, keeps within its places and one for each camera and priority', () => {
    const arrivals = fc.array(
      fc.record({
        cameraId: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        priority: fc.constantFrom(0, 5, 9),
        pops: fc.nat(2),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 8 }), (frames, places) => {
        const room = latestPerCamera(places);
        const out: number[] = [];
        frames.forEach(({ cameraId, priority, pops }, id) => {
          const shed = room.arrive(frameOf(id, cameraId, priority));
          if (shed) out.push(shed.id);
          for (let i = 1; i < pops; i++) out.push(...[room.pop()].flatMap((frame) => frame?.id ?? []));
          expect(room.queue.size).toBeLessThanOrEqual(places);
          expect(room.known()).toBe(room.queue.size);
          expect(new Set([...room.queue].map(({ item }) => `${item.cameraId} ${item.priority}`)).size).toBe(
            room.known(),
          );
        });
        for (let frame = room.pop(); frame; frame = room.pop()) out.push(frame.id);
        expect(out.sort((a, b) => a - b)).toEqual(frames.map((_none, id) => id));
      }),
      { seed: 50, numRuns: 200 },
    );
  });
});
