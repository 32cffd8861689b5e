/** Connections that break and stand still, and a Redis that restarts: no frame is lost, none is processed twice at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy, until } from '@frame-buffer/testing';
import type { ProcessorFrame } from './frame.ts';
import { keptLines } from './test-support/kept-lines.ts';
import { frameIds, keys, TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();
let proxy: TcpProxy;

beforeEach(async () => {
  proxy = await startTcpProxy(bed.server.port);
});
afterEach(() => proxy.stop());

/** Notes how often each frame is processed, and whether one ever is twice at once. */
function watched(takesMs = 5) {
  const times: Record<string, number> = {};
  const now = new Set<string>();
  const twiceAtOnce: string[] = [];
  const process = async ({ frameId }: ProcessorFrame): Promise<void> => {
    times[frameId] = (times[frameId] ?? 0) + 1;
    if (now.has(frameId)) twiceAtOnce.push(frameId);
    now.add(frameId);
    await sleep(takesMs);
    now.delete(frameId);
  };
  return { times, twiceAtOnce, process };
}

/** Every one of `count` frames once, as the processor saw it. */
const once = (count: number): Record<string, number> =>
  Object.fromEntries(frameIds(count).map((id) => [id, 1]));

/** What Redis says of the newest connection that this run of the processor reads its queue with. */
async function newestConnection(): Promise<string | undefined> {
  const name = ` name=${bed.orchestrator.received('register').at(-1)?.['instance_id']}-reads `;
  const clients = String(await bed.redis.client('LIST')).split('\n');
  return clients.findLast((line) => line.includes(name));
}

/** Waits until it waits for frames. */
function untilReading(): Promise<string> {
  const blocked = async () => {
    const line = await newestConnection();
    return line?.includes(' flags=b ') ? line : undefined;
  };
  return until(blocked, { what: 'the processor to wait for frames' });
}

const addressOf = (line: string | undefined): string => / addr=(\S+)/.exec(line ?? '')?.[1] ?? '';

describe('frames delivered on a connection that was cut', () => {
  it.each([0, 100, 700])('after %i bytes of the answer are found again', async (bytes) => {
    const { process, times, twiceAtOnce } = watched();
    await bed.join(process, { redisUrl: proxy.url, concurrency: 10, leaseMs: 60_000 });
    await untilReading();
    const cut = proxy.cutAfter(bytes, 'down');
    await bed.dispatch(10);
    await cut;
    expect(await bed.completed(10)).toEqual(frameIds(10));
    expect({ times, twiceAtOnce }).toEqual({ times: once(10), twiceAtOnce: [] });
    expect(await bed.books()).toMatchObject({ captured: 10, completed: 10, unaccounted: 0 });
  });

  it('are not begun again while they are in process, however often unseen ones are looked for', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const process = async (): Promise<void> => {
      begun++;
      await gate.promise;
    };
    const processor = await bed.join(process, { redisUrl: proxy.url, concurrency: 4, leaseMs: 600 });
    await bed.dispatch(1);
    await until(() => processor.active() === 1, { what: 'the frame to be in process' });
    // With each heartbeat it looks for frames that it was given and hasn't seen.
    const heard = bed.orchestrator.received('heartbeat').length;
    await until(() => bed.orchestrator.received('heartbeat').length >= heard + 3, {
      what: 'three heartbeats',
    });
    gate.resolve();
    expect(await bed.completed(1)).toEqual(['f0']);
    expect(begun).toBe(1);
  });

  it('again and again all become one result each', async () => {
    const { process, twiceAtOnce } = watched(2);
    await bed.join(process, { redisUrl: proxy.url, concurrency: 4, capacity: 1_000, leaseMs: 600 });
    await bed.dispatch(300);
    let cuts = 0;
    await until(
      async () => {
        if (cuts++ < 8) proxy.cutAll();
        await sleep(20);
        return (await bed.results()).length >= 300;
      },
      { what: '300 results', deadlineMs: 15_000 },
    );
    expect(await bed.completed(300)).toEqual(frameIds(300));
    expect(twiceAtOnce).toEqual([]);
    expect(await bed.books()).toMatchObject({
      captured: 300,
      completed: 300,
      outstanding: 0,
      unaccounted: 0,
    });
  });
});

describe('a result whose answer was lost with its connection', () => {
  it('counts as completed, not as refused', async () => {
    const gate = Promise.withResolvers<void>();
    const outcomes: string[] = [];
    const { logger, lines } = keptLines();
    const processor = await bed.join(() => gate.promise, {
      redisUrl: proxy.url,
      leaseMs: 60_000,
      logger,
      onFrame: (outcome) => void outcomes.push(outcome),
    });
    await bed.dispatch(1);
    await until(() => processor.active() === 1, { what: 'the frame to be in process' });
    // Its only slot is taken, so it reads nothing: the next answer is that of the completion.
    const cut = proxy.cutAfter(0, 'down');
    gate.resolve();
    await cut;
    await until(() => outcomes.length === 1, { what: 'the frame to end' });
    expect(outcomes).toEqual(['completed']);
    expect(await bed.completed(1)).toEqual(['f0']);
    expect(await bed.redis.hget(keys.ledger, 'fenced')).toBeNull();
    expect(lines.filter(({ message }) => message.includes('refused'))).toEqual([]);
  });
});

describe('a connection that stands still', () => {
  it('is replaced, and the frames delivered on it are found again', async () => {
    const { process, times, twiceAtOnce } = watched();
    await bed.join(process, { redisUrl: proxy.url, concurrency: 10, leaseMs: 60_000 });
    const former = addressOf(await untilReading());
    proxy.stall('down');
    await bed.dispatch(5);
    await until(async () => (await bed.redis.xpending(keys.ready('p1'), 'frame-processors'))[0] === 5, {
      what: 'the frames to be delivered',
    });
    // Their answer goes to a connection that is given up before it comes.
    const isReplaced = async () => ![former, ''].includes(addressOf(await newestConnection()));
    await until(isReplaced, { what: 'the connection to be replaced' });
    proxy.resume();
    expect(await bed.completed(5)).toEqual(frameIds(5));
    expect({ times, twiceAtOnce }).toEqual({ times: once(5), twiceAtOnce: [] });
  });

  it('does not stop the heartbeats', async () => {
    const { process } = watched();
    await bed.join(process, { redisUrl: proxy.url, leaseMs: 600, drainMs: 100 });
    proxy.stall();
    const before = bed.orchestrator.received('heartbeat').length;
    await until(() => bed.orchestrator.received('heartbeat').length >= before + 4, {
      what: 'four heartbeats',
    });
  });

  it('in the middle of a result does not hold it for ever', async () => {
    const gate = Promise.withResolvers<void>();
    const processor = await bed.join(() => gate.promise, { redisUrl: proxy.url, leaseMs: 60_000 });
    await bed.dispatch(1);
    await until(() => processor.active() === 1, { what: 'the frame to be in process' });
    proxy.stall();
    const stalled = proxy.connections();
    gate.resolve();
    await until(() => proxy.connections() > 0 && proxy.connections() !== stalled, {
      what: 'a connection to be given up',
      deadlineMs: 15_000,
    });
    proxy.resume();
    expect(await bed.completed(1)).toEqual(['f0']);
    expect(await bed.books()).toMatchObject({ captured: 1, completed: 1, outstanding: 0, unaccounted: 0 });
  });
});

describe('a Redis that restarts', () => {
  it('in the middle costs nothing', async () => {
    const { process, times, twiceAtOnce } = watched(20);
    const processor = await bed.join(process, { concurrency: 4, leaseMs: 60_000 });
    await bed.dispatch(60);
    await until(async () => (await bed.results()).length >= 10, { what: 'the first results' });
    await bed.server.kill();
    await until(() => !processor.ready(), { what: 'the processor to notice' });
    await bed.server.restart();
    expect(await bed.completed(60)).toEqual(frameIds(60));
    expect({ times, twiceAtOnce }).toEqual({ times: once(60), twiceAtOnce: [] });
    expect(await bed.books()).toMatchObject({ captured: 60, completed: 60, outstanding: 0, unaccounted: 0 });
    await until(() => processor.ready(), { what: 'the processor to be ready again' });
  });
});
