import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { hashTagOf, keyNames, shownRedisAddress } from '@frame-buffer/models';
import { connectRedis, createGroupReader, type EntryReply } from '@frame-buffer/stream-consumer';
import { createOutage } from '@frame-buffer/telemetry';
import type { Redis } from 'ioredis';
import { abortable, whenAborted } from './abortable.ts';
import { createFinisher } from './finisher.ts';
import { createFrameHandler } from './frame-handler.ts';
import { createMembership, ProcessorRefusedError } from './membership.ts';
import { completeOptions, type ProcessorOptions, type RequiredOptions } from './options.ts';
import { orchestratorApi, type Registered } from './orchestrator-api.ts';
import { createWorkLoop, type WorkLoop } from './work-loop.ts';

export interface Processor {
  readonly id: string;
  /**
   * Registers, works until SIGTERM or SIGINT (or `stop`), drains, leaves. A second signal ends the draining at once.
   * @throws ProcessorRefusedError where the orchestrator refuses the registration for good, or another run has taken the id over
   */
  run(): Promise<void>;
  /** Drains and leaves; `run` returns then. */
  stop(): Promise<void>;
  /** Whether it is registered and connected to Redis. */
  ready(): boolean;
  /** Frames in process now. */
  active(): number;
}

/** A blocked read ends this often, so that a queue that is gone is noticed soon. */
const BLOCK_MS = 1_000;
/** An answer of Redis that is overdue by this much won't come: the connection is replaced and the command sent again. */
const OVERDUE_MS = 5_000;
const POLL_WHILE_DRAINING_MS = 50;
/** Time for the last frames to go back, once the time for draining is over. */
const LAST_CALLS_MS = 2_000;

/** A processor from a function. `id`, `capabilities` and `process` are needed; everything else has a default. */
export function createProcessor(given: RequiredOptions & Partial<ProcessorOptions>): Processor {
  const options = completeOptions(given);
  const { id, logger } = options;
  const keys = keyNames({ prefix: options.keyPrefix, hashTag: hashTagOf(options.redisUrl) });
  const api = orchestratorApi(options.orchestratorUrl, options.apiToken);
  const instanceId = `${id.slice(0, 100)}-${randomUUID().slice(0, 8)}`;
  const run = { id, instance_id: instanceId };
  /** Aborted when draining begins. */
  const leaving = new AbortController();
  /** Aborted when the time for draining is over. */
  const hurry = new AbortController();
  /** Aborted when nothing may go on. */
  const ended = new AbortController();
  let redis: Redis | undefined;
  let loop: WorkLoop | undefined;
  let running: Promise<void> | undefined;

  const membership = createMembership({
    api,
    logger,
    leaving: leaving.signal,
    request: {
      id,
      capabilities: [...options.capabilities],
      capacity: options.capacity,
      instance_id: instanceId,
      completion: 'delete',
      lease_ms: options.leaseMs,
      ...(options.resultStream ? { results: options.resultStream } : {}),
      ...(options.cameras ? { cameras: [...options.cameras] } : {}),
      ...(options.healthEndpoint ? { health_endpoint: options.healthEndpoint } : {}),
      ...(options.metadata ? { metadata: options.metadata } : {}),
    },
  });

  const redisOutage = createOutage({
    logger,
    what: `Redis at ${shownRedisAddress(options.redisUrl)}`,
    fields: { processor_id: id },
  });
  const connect = (name: string): Redis =>
    connectRedis(options.redisUrl, { name, onError: redisOutage.failed }).on('ready', redisOutage.works);
  const onRefusedCall = (error: Error): void =>
    logger.warn(`a call to Redis failed and is repeated: ${error.message}`, { processor_id: id });

  function createLoop({ queue, group, results }: Registered, client: Redis): WorkLoop {
    const finisher = createFinisher({
      client,
      keys,
      queue: { queue, group },
      processorId: id,
      results,
      capacity: options.capacity,
      onError: onRefusedCall,
      signal: ended.signal,
    });
    return createWorkLoop({
      concurrency: options.concurrency,
      logger,
      finisher,
      handle: createFrameHandler({ ...options, finisher, pictures: client }),
      reader: createGroupReader({
        connect: () => connect(`${instanceId}-reads`),
        group,
        consumer: instanceId,
        streams: [queue],
        blockMs: BLOCK_MS,
      }),
      pending: () => pendingEntries(client, { queue, group, consumer: instanceId, count: options.capacity }),
      onMissingQueue: async () => void (await membership.join()),
    });
  }

  async function work(registration: Registered, client: Redis): Promise<void> {
    let refusal: unknown;
    const onRefusal = (error: unknown): void => {
      refusal ??= error;
      leaving.abort();
      // What it still has in process was given to others, and the results would be refused.
      hurry.abort();
    };
    const current = (loop = createLoop(registration, client));
    let recovering: Promise<void> | undefined;
    const recover = (): void => {
      // One at a time: while Redis is away it waits, and the heartbeats go on.
      recovering ??= current
        .recover()
        .catch((error: unknown) => {
          if (!ended.signal.aborted) logger.warn('could not look for unseen frames', { error });
        })
        .finally(() => (recovering = undefined));
    };
    const reading = current.run().catch(onRefusal);
    const beating = membership.keep(current.active, recover, ended.signal).catch(onRefusal);
    await whenAborted(leaving.signal);

    logger.info('draining', { processor_id: id, in_process: current.active() });
    const timer = setTimeout(() => hurry.abort(), options.drainMs);
    if (!refusal) await emptied(client, registration.queue);
    await Promise.race([current.stop(hurry.signal), lastCalls()]);
    clearTimeout(timer);
    ended.abort();
    if (!refusal && !(await api.leave(run)))
      logger.warn('could not say goodbye; what is left goes to others when the lease has expired', {
        processor_id: id,
      });
    await Promise.all([reading, beating]);
    logger.info('left', { processor_id: id });
    if (refusal) throw refusal;
  }

  /** With other key names its frames that come back would go to a retry stream that nobody reads. */
  async function leaveForeign(queue: string): Promise<never> {
    await api.leave(run);
    throw new ProcessorRefusedError(
      `the orchestrator names ${queue} as the work queue of ${id}, but with keyPrefix ${options.keyPrefix} it is ${keys.ready(id)}`,
    );
  }

  /** Asks for no more frames; where that is granted, the queue can run empty. */
  async function emptied(client: Redis, queue: string): Promise<void> {
    const { signal } = hurry;
    try {
      if (!(await abortable(api.drain(run), signal))) return;
      while ((await abortable(client.xlen(queue), signal)) > 0)
        await sleep(POLL_WHILE_DRAINING_MS, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) logger.warn('the queue could not be watched while draining', { error });
    }
  }

  async function lastCalls(): Promise<void> {
    await whenAborted(hurry.signal);
    await sleep(LAST_CALLS_MS, undefined, { signal: ended.signal }).catch(() => {});
  }

  async function live(): Promise<void> {
    const onSignal = (): void => (leaving.signal.aborted ? hurry : leaving).abort();
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    redis = connect(instanceId);
    redis.options.socketTimeout = OVERDUE_MS;
    try {
      const registration = await membership.join();
      if (registration) {
        if (registration.queue === keys.ready(id)) await work(registration, redis);
        else await leaveForeign(registration.queue);
      }
    } finally {
      ended.abort();
      redis.disconnect();
      process.removeListener('SIGTERM', onSignal);
      process.removeListener('SIGINT', onSignal);
    }
  }

  return {
    id,
    run: () => (running ??= live()),
    async stop() {
      leaving.abort();
      await running?.catch(() => {});
    },
    ready: () => membership.joined() && !leaving.signal.aborted && redis?.status === 'ready',
    active: () => loop?.active() ?? 0,
  };
}

async function pendingEntries(
  client: Redis,
  { queue, group, consumer, count }: { queue: string; group: string; consumer: string; count: number },
): Promise<EntryReply[]> {
  const reply = await client.xreadgroup('GROUP', group, consumer, 'COUNT', count, 'STREAMS', queue, '0');
  const [first] = (reply ?? []) as [string, EntryReply[]][];
  return (first?.[1] ?? []).filter((entry) => entry[1] !== null);
}
