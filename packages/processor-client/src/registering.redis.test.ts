/** A processor's place in the registry: getting it, keeping it, losing it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, until } from '@frame-buffer/testing';
import { ProcessorRefusedError } from './membership.ts';
import { startFakeOrchestrator } from './test-support/fake-orchestrator.ts';
import { keptLines } from './test-support/kept-lines.ts';
import { frameIds, keys, TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();
const problem = (status: number, detail: string, errors?: object[]) => ({
  status,
  body: { title: 'x', status, detail, ...(errors ? { errors } : {}) },
});

describe('a processor registers', () => {
  it('with everything that the orchestrator must know', async () => {
    await bed.join(() => {}, {
      concurrency: 3,
      capacity: 7,
      leaseMs: 4_000,
      resultStream: 'my:results',
      cameras: ['door'],
      healthEndpoint: 'http://127.0.0.1:9/health',
      metadata: { model: 'v1' },
      apiToken: 'secret-token',
    });
    expect(bed.orchestrator.received('register')).toEqual([
      {
        id: 'p1',
        capabilities: ['detect'],
        capacity: 7,
        instance_id: expect.stringMatching(/^p1-[0-9a-f]{8}$/),
        completion: 'delete',
        lease_ms: 4_000,
        results: 'my:results',
        cameras: ['door'],
        health_endpoint: 'http://127.0.0.1:9/health',
        metadata: { model: 'v1' },
      },
    ]);
    expect(bed.orchestrator.authorization()).toBe('Bearer secret-token');
  });

  it('and retries while the orchestrator is unreachable, saying so', async () => {
    const port = await freePort();
    const { logger, lines } = keptLines();
    const processor = bed.create(() => {}, { orchestratorUrl: `http://127.0.0.1:${port}`, logger });
    void processor.run();
    const line = await until(() => lines.find(({ message }) => message.includes('unreachable')), {
      what: 'a line about the orchestrator',
    });
    expect(line.message).toBe(
      `not registered yet, next try in 250 ms: orchestrator at http://127.0.0.1:${port} unreachable: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    const late = await startFakeOrchestrator({ redis: bed.redis, keys, port });
    await until(() => processor.ready(), { what: 'the processor to register' });
    await processor.stop();
    await late.stop();
  });

  it('and retries when the orchestrator has trouble of its own', async () => {
    bed.orchestrator.script('register', problem(503, 'Redis is away'));
    await bed.join(() => {});
    expect(bed.orchestrator.received('register')).toHaveLength(2);
  });

  it('and retries when something else answers', async () => {
    bed.orchestrator.script('register', { status: 200, body: '<html>' });
    await bed.join(() => {});
    expect(bed.orchestrator.received('register')).toHaveLength(2);
  });

  it('and keeps trying while another run holds its id', async () => {
    bed.orchestrator.script('register', problem(409, 'already registered'), 2);
    const { logger, lines } = keptLines();
    await bed.join(() => {}, { logger });
    expect(lines.map(({ message }) => message).filter((text) => text.includes('already'))).toEqual([
      'not registered yet, next try in 250 ms: already registered',
      'not registered yet, next try in 500 ms: already registered',
    ]);
  });

  it('and ends when it is refused for good, with all the faults', async () => {
    const errors = [
      { field: 'capacity', expected: 'a whole number', value: '"x"' },
      { field: 'id', expected: 'a name', value: 'nothing' },
    ];
    bed.orchestrator.script('register', problem(422, 'The registration has 2 faults.', errors));
    const error = await bed
      .create(() => {})
      .run()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProcessorRefusedError);
    expect((error as Error).message).toBe(
      'registration of p1 refused: The registration has 2 faults. (capacity: expected a whole number, found "x"; id: expected a name, found nothing)',
    );
  });

  it('and ends when the orchestrator uses other keys', async () => {
    const run = bed.create(() => {}, { keyPrefix: 'other:' }).run();
    await expect(run).rejects.toThrow(
      'the orchestrator names frames:ready:p1 as the work queue of p1, but with keyPrefix other: it is other:ready:p1',
    );
    expect(bed.orchestrator.received('leave')).toHaveLength(1);
  });

  it('and gives up when it is stopped before it is in', async () => {
    bed.orchestrator.script('register', problem(409, 'already registered'), 1_000);
    const processor = bed.create(() => {});
    const run = processor.run();
    await until(() => bed.orchestrator.received('register').length > 0, { what: 'a try' });
    await processor.stop();
    await expect(run).resolves.toBeUndefined();
  });
});

describe('a registered processor', () => {
  it('sends heartbeats three times within its lease', async () => {
    const startedMs = performance.now();
    await bed.join(() => {}, { leaseMs: 600 });
    await until(() => bed.orchestrator.received('heartbeat').length >= 3, { what: 'three heartbeats' });
    expect(performance.now() - startedMs).toBeGreaterThan(590);
    expect(bed.orchestrator.received('heartbeat')[0]).toEqual({
      processor_id: 'p1',
      instance_id: bed.orchestrator.received('register')[0]?.['instance_id'],
      status: 'healthy',
      active_tasks: 0,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('sends the next heartbeat in time though one is never answered', async () => {
    await bed.join(() => {}, { leaseMs: 900 });
    bed.orchestrator.script('heartbeat', 'silent');
    await until(() => bed.orchestrator.received('heartbeat').length >= 1, { what: 'the first heartbeat' });
    const startedMs = performance.now();
    await until(() => bed.orchestrator.received('heartbeat').length >= 2, { what: 'the second heartbeat' });
    expect(performance.now() - startedMs).toBeLessThan(890);
  });

  it('registers again when a heartbeat says that it is unknown, and goes on', async () => {
    const processor = await bed.join(() => {}, { leaseMs: 600 });
    await bed.redis.hdel(keys.registry, 'p1');
    await until(() => bed.orchestrator.received('register').length === 2 && processor.ready(), {
      what: 'it to register again',
    });
    await bed.dispatch(3);
    expect(await bed.completed(3)).toEqual(frameIds(3));
  });

  it('registers again when its queue has vanished, and goes on', async () => {
    const processor = await bed.join(() => {}, { leaseMs: 60_000 });
    await bed.redis.del(keys.ready('p1'));
    await until(() => bed.orchestrator.received('register').length === 2 && processor.ready(), {
      what: 'it to register again',
    });
    await bed.dispatch(3);
    expect(await bed.completed(3)).toEqual(frameIds(3));
  });

  it('says what may be wrong when its queue is missing again and again', async () => {
    const { logger, lines } = keptLines();
    const answer = { queue: keys.ready('p1'), group: 'frame-processors', results: keys.results };
    bed.orchestrator.script('register', { status: 201, body: answer }, 1_000);
    void bed.create(() => {}, { logger }).run();
    await until(() => lines.some(({ message }) => message.includes('the same Redis?')), {
      what: 'a line about Redis',
    });
  });

  it('ends when it is refused while it registers again', async () => {
    const processor = bed.create(() => {}, { leaseMs: 60_000 });
    const run = processor.run();
    await until(() => processor.ready(), { what: 'the processor to register' });
    bed.orchestrator.script('register', problem(401, 'A token is needed.'));
    // Asked for before: it may end while the deletion is answered.
    const refused = expect(run).rejects.toThrow('registration of p1 refused: A token is needed.');
    await bed.redis.del(keys.ready('p1'));
    await refused;
  });

  it('ends when another run has taken its id over, and gives up what it had', async () => {
    const aborted = Promise.withResolvers<void>();
    const processor = bed.create(
      async (_frame, { signal }) => {
        await sleep(60_000, undefined, { signal }).catch(() => aborted.resolve());
      },
      { leaseMs: 600 },
    );
    const run = processor.run();
    await until(() => processor.ready(), { what: 'the processor to register' });
    await bed.dispatch(1);
    await until(() => processor.active() === 1, { what: 'the frame to be in process' });
    const taken = { ...(await bed.orchestrator.registration('p1')), instance_id: 'another' };
    const ended = expect(run).rejects.toThrow('another run of p1 has taken over');
    await bed.redis.hset(keys.registry, 'p1', JSON.stringify(taken));
    await ended;
    await aborted.promise;
    expect(processor.ready()).toBe(false);
    expect(bed.orchestrator.received('leave')).toHaveLength(0);
  });

  it('neither drains nor removes a run that took its id over before it heard of it', async () => {
    const { logger, lines } = keptLines();
    const processor = await bed.join(() => {}, { leaseMs: 60_000, logger });
    const taken = { ...(await bed.orchestrator.registration('p1')), instance_id: 'another' };
    await bed.redis.hset(keys.registry, 'p1', JSON.stringify(taken));
    await processor.stop();
    expect(bed.orchestrator.received('drain')).toHaveLength(1);
    expect(bed.orchestrator.received('leave')).toHaveLength(1);
    expect(await bed.orchestrator.registration('p1')).toEqual(taken);
    expect(lines.filter(({ message }) => message.includes('goodbye'))).toEqual([]);
  });
});
