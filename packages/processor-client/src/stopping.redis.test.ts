/** How a processor leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@frame-buffer/testing';
import { keptLines } from './test-support/kept-lines.ts';
import { frameIds, keys, TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();

/** A function that ends when it is told to. */
function held() {
  const gate = Promise.withResolvers<void>();
  const started: string[] = [];
  return {
    started,
    open: () => gate.resolve(),
    process: async (frame: { frameId: string }) => {
      started.push(frame.frameId);
      await gate.promise;
    },
  };
}

describe('a processor that is stopped', () => {
  it('finishes the frames in process and those that were queued, asks for no more, and leaves', async () => {
    const { process, started, open } = held();
    const processor = bed.create(process, { concurrency: 2 });
    const run = processor.run();
    await until(() => processor.ready(), { what: 'the processor to register' });
    await bed.dispatch(5);
    await until(() => started.length === 2, { what: 'two frames in process' });
    const stopped = processor.stop();
    await until(() => bed.orchestrator.received('drain').length === 1, { what: 'the drain' });
    expect(processor.ready()).toBe(false);
    open();
    await stopped;
    await expect(run).resolves.toBeUndefined();
    expect(await bed.completed(5)).toEqual(frameIds(5));
    expect(bed.orchestrator.received('leave')).toHaveLength(1);
    expect(await bed.redis.exists(keys.ready('p1'))).toBe(0);
    expect(await bed.books()).toMatchObject({ captured: 5, completed: 5, unaccounted: 0 });
  });

  it('gives back as it came what it could not finish in its time', async () => {
    const processor = await bed.join(async (_frame, { signal }) => void (await once(signal, 'abort')), {
      concurrency: 2,
      drainMs: 100,
    });
    await bed.dispatch(5);
    await until(() => processor.active() === 2, { what: 'two frames in process' });
    await processor.stop();
    const frames = await bed.returned(5);
    expect(frames.map(({ attempt }) => attempt)).toEqual(['1', '1', '1', '1', '1']);
    expect(frames.some(({ errors }) => errors !== undefined)).toBe(false);
    expect(await bed.books()).toMatchObject({ captured: 5, waitingRetry: 5, unaccounted: 0 });
  });

  it('reads no more where the orchestrator can not hold frames back', async () => {
    bed.orchestrator.script('drain', { status: 404 });
    const { process, started, open } = held();
    const processor = await bed.join(process, { concurrency: 2 });
    await bed.dispatch(5);
    await until(() => started.length === 2, { what: 'two frames in process' });
    const stopped = processor.stop();
    await until(() => bed.orchestrator.received('drain').length === 1, { what: 'the drain' });
    open();
    await stopped;
    const [done, back] = [await bed.completed(2), await bed.returned(3)];
    expect(done).toEqual(['f0', 'f1']);
    expect(back.map(({ frame_id }) => frame_id)).toEqual(['f2', 'f3', 'f4']);
    expect(started).toHaveLength(2);
  });

  it('keeps its lease while it drains', async () => {
    const { process, started, open } = held();
    const processor = await bed.join(process, { leaseMs: 600 });
    await bed.dispatch(1);
    await until(() => started.length === 1, { what: 'a frame in process' });
    const stopped = processor.stop();
    const draining = () =>
      bed.orchestrator.received('heartbeat').filter(({ status }) => status === 'draining').length;
    await until(() => draining() >= 2, { what: 'heartbeats of a draining processor' });
    open();
    await stopped;
    expect(await bed.completed(1)).toEqual(['f0']);
  });

  it('ends in its time though Redis is away', async () => {
    const { logger, lines } = keptLines();
    const processor = await bed.join(async (_frame, { signal }) => void (await once(signal, 'abort')), {
      drainMs: 100,
      logger,
    });
    await bed.dispatch(1);
    await until(() => processor.active() === 1, { what: 'a frame in process' });
    await bed.server.kill();
    bed.orchestrator.script('leave', { status: 503 });
    const startedMs = performance.now();
    await processor.stop();
    expect(performance.now() - startedMs).toBeLessThan(8_000);
    expect(lines.map(({ message }) => message)).toContain(
      'could not say goodbye; what is left goes to others when the lease has expired',
    );
    await bed.server.restart();
    await until(async () => (await bed.redis.ping()) === 'PONG', { what: 'Redis to be back' });
    expect(await bed.books()).toMatchObject({ captured: 1, outstanding: 1, unaccounted: 0 });
  });

  it('does not start when it was stopped before', async () => {
    const processor = bed.create(() => {});
    await processor.stop();
    await processor.run();
    expect(bed.orchestrator.received('register')).toHaveLength(0);
  });

  it('takes a stop between its registration and its first read', async () => {
    const processor = bed.create(() => {});
    const run = processor.run();
    await until(() => bed.orchestrator.received('register').length === 1, {
      everyMs: 1,
      what: 'it to register',
    });
    await processor.stop();
    await run;
    expect(processor.active()).toBe(0);
  });
});

const children: ChildProcess[] = [];
// Where a test fails its child may still run.
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

/** A processor in a process of its own; each frame takes as long as its field `takes_ms` says. */
function startChild(options: object) {
  const program = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { createProcessor } from '@frame-buffer/processor-client';
    const processor = createProcessor({
      id: 'p1', capabilities: ['detect'],
      process: (frame, { signal }) => sleep(Number(frame.fields.takes_ms), {}, { signal }),
      ...${JSON.stringify(options)},
    });
    await processor.run();`;
  const child = spawn(
    process.execPath,
    ['--conditions=@frame-buffer/source', '--input-type=module', '--eval', program],
    { stdio: ['ignore', 'inherit', 'inherit'], cwd: import.meta.dirname },
  );
  children.push(child);
  return { child, exit: once(child, 'exit') };
}

describe('the program of a processor', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'drains and ends by itself on %s, with nothing left open',
    async (signal) => {
      const { child, exit } = startChild(bed.options());
      await until(() => bed.orchestrator.registration('p1'), { what: 'the child to register' });
      await bed.dispatch(2, { takes_ms: '300' });
      await until(async () => (await bed.redis.xpending(keys.ready('p1'), 'frame-processors'))[0] === 1, {
        what: 'a frame to be in process',
      });
      child.kill(signal);
      expect(await exit).toEqual([0, null]);
      expect(await bed.completed(2)).toEqual(['f0', 'f1']);
      expect(bed.orchestrator.received('leave')).toHaveLength(1);
    },
  );

  it('gives back at once what it has on a second signal, and ends politely', async () => {
    const { child, exit } = startChild(bed.options({ drainMs: 60_000 }));
    await until(() => bed.orchestrator.registration('p1'), { what: 'the child to register' });
    await bed.dispatch(2, { takes_ms: '60000' });
    await until(async () => (await bed.redis.xpending(keys.ready('p1'), 'frame-processors'))[0] === 1, {
      what: 'a frame to be in process',
    });
    child.kill('SIGTERM');
    await until(() => bed.orchestrator.received('drain').length === 1, { what: 'it to drain' });
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect((await bed.returned(2)).map(({ attempt }) => attempt)).toEqual(['1', '1']);
    expect(bed.orchestrator.received('leave')).toHaveLength(1);
  });

  it('ends by itself though its Redis is away', async () => {
    const { child, exit } = startChild({ ...bed.options({ drainMs: 100 }), redisUrl: 'redis://127.0.0.1:1' });
    await until(() => bed.orchestrator.registration('p1'), { what: 'the child to register' });
    await sleep(50); // It may be anywhere between two tries to connect.
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });
});
