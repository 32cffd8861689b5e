import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import type { Router } from '@frame-buffer/router';
import type { ShedReason } from '@frame-buffer/backpressure';
import {
  deadLetter,
  type DeadLetterReason,
  type GroupReader,
  handOff,
  type HandOffReply,
  outstandingOf,
  type ScriptClient,
  type SettledFrame,
  shed,
  type Source,
  type SourceEntry,
  takeUp,
} from '@frame-buffer/stream-consumer';
import type { Logger, OrchestratorMetrics, Tracing } from '@frame-buffer/telemetry';
import { createCreditWatch } from './credit-watch.ts';
import { type DispatchPlan, handOffItem, planDispatch } from './dispatch-plan.ts';
import type { Fleet, Member } from './fleet.ts';
import { createIntake, PAUSE_AFTER_FAILURE_MS, retrying } from './intake.ts';
import type { JourneyWatch } from './journey-watch.ts';
import { judge } from './judgement.ts';
import { createParked } from './parked.ts';
import type { Shed, Shedding } from './shedding.ts';
import { createWaitingRoom, type HeldFrame, type Pool, type WaitingSummary } from './waiting-room.ts';

export interface JourneyOptions {
  readonly client: ScriptClient;
  readonly reader: GroupReader;
  readonly keys: KeyNames;
  readonly group: string;
  readonly orchestratorId: string;
  readonly router: Router;
  readonly fleet: Fleet;
  /** Frames held in memory. */
  readonly maxWaiting: number;
  /** Of these, for one capability where there are several; what comes beyond that follows its policy. */
  readonly maxWaitingPerCapability: number;
  /** Frames left pending in Redis beyond that (`block`), of which only the ids are kept. */
  readonly maxParked: number;
  readonly shedding: Shedding;
  readonly maxAttempts: number;
  readonly defaultCapability: string | undefined;
  readonly logger: Logger;
  readonly metrics: OrchestratorMetrics;
  readonly tracing: Pick<Tracing, 'received'>;
  readonly watch?: JourneyWatch;
  /** Creates streams and groups that are missing. */
  readonly recreate: () => Promise<unknown>;
  /** Deliveries may have been lost on a broken connection: look for what is pending and not held. */
  readonly onInterrupted: () => Promise<void>;
}

/** The journey of frames through one orchestrator: read, decode, decide, hand off. */
export interface Journey {
  /** Reads and hands off until `stop`. */
  run(): Promise<void>;
  /** Takes frames that were adopted from another consumer, or found again. Those already held are left alone. */
  adopt(entries: readonly SourceEntry[]): Promise<void>;
  /** Tries again what waits: a processor came, or has credit again. */
  pump(): void;
  /** A processor has room again: whoever waits for credit may look. */
  hint(): void;
  /** Entries of a stream that are held: waiting or being handed off. */
  held(source: Source): number;
  pause(): void;
  resume(): void;
  paused(): boolean;
  /** Whether the last read succeeded. */
  reading(): boolean;
  stopping(): boolean;
  /** Reads no more, hands off what it can within the time, and ends. */
  stop(graceMs: number): Promise<void>;
  stats(): JourneyStats;
  waiting(): WaitingSummary[];
}

export interface JourneyStats {
  readonly consumed: number;
  readonly handed_off: number;
  readonly dead_lettered: number;
  readonly gone: number;
  readonly shed: number;
  readonly waiting: number;
  readonly paused: boolean;
}

/** Entries asked for in one read and frames in one hand-off: one script call of this size takes Redis some 10 ms. */
const BATCH = 512;
/** Hand-offs under way at once: the next is built while Redis works on the last. */
const MAX_HAND_OFFS = 3;
/** Frames that can't go where there is credit (constraints, a processor to avoid) let this many others pass them. */
const MAX_ASIDE = 32;
const POLL_WHILE_STOPPING_MS = 20;

/**
 * Invariants: (1) an entry is in `held` from its admission until Redis has said that it is handed off, settled or somebody else's;
 * (2) a held frame is in the waiting room or in exactly one hand-off; (3) a failure leaves a frame held, to be tried again.
 */
export function createJourney(options: JourneyOptions): Journey {
  const { client, keys, group, orchestratorId, router, fleet, shedding, logger, metrics, tracing, watch } =
    options;
  const room = createWaitingRoom();
  const held = { input: new Set<string>(), retry: new Set<string>() };
  const counts = { consumed: 0, handed_off: 0, dead_lettered: 0, gone: 0, shed: 0 };
  const parked = createParked();
  /** Pools whose parked frames are being read again. */
  const takingUp = new Set<string>();
  const stopped = new AbortController();
  let paused = false;
  let handOffs = 0;
  /** Whether frames wait for credit. */
  let blocked = false;

  // 1. Read

  /** The next hand-off lies ready and must wait its turn: what were read now would only grow old here, at the garbage collector's cost. */
  const busy = (): boolean => handOffs >= MAX_HAND_OFFS && !blocked && room.size() >= BATCH;

  const intake = createIntake({
    ...options,
    retryStream: keys.retry,
    batch: BATCH,
    room: () => (paused || busy() ? 0 : placesToRead()),
    onEntries: admit,
    signal: stopped.signal,
  });

  /** Frames that may wait in one pool: all places where there is only one. One that sheds must see what comes, so it never has all. */
  function placesOf(pool: Pool): number {
    const { maxWaiting, maxWaitingPerCapability, shedding } = options;
    if (!shedding.policyOf(pool).blocks) return Math.min(maxWaitingPerCapability, Math.ceil(maxWaiting / 2));
    return isAlone(pool.name) ? maxWaiting : Math.min(maxWaitingPerCapability, maxWaiting);
  }

  /** Whether no other capability is served or waits. */
  function isAlone(name: string): boolean {
    for (const other of fleet.capabilities()) if (other !== name) return false;
    for (const other of room.names()) if (other !== name) return false;
    return true;
  }

  /**
   * Reading goes on as long as any capability that is served has a place: a full one must not hold up the others. Its own frames are
   * parked meanwhile.
   */
  function placesToRead(): number {
    const free = options.maxWaiting - held.input.size - held.retry.size;
    if (free <= 0) return 0;
    const names = [...new Set([...fleet.capabilities(), ...room.names(), ...parked.pools()])];
    const full = names.filter((name) => {
      const pool = room.get(name);
      const taken = pool && shedding.policyOf(pool).blocks && pool.queue.size >= placesOf(pool);
      return taken || parked.size(name) > 0;
    });
    if (full.length === 0) return free;
    return full.length === names.length ? 0 : Math.min(free, options.maxParked - parked.size());
  }

  // 2. Decode: a frame to hand off, or a dead letter

  async function admit(entries: readonly SourceEntry[]): Promise<void> {
    const dead: SettledFrame<DeadLetterReason>[] = [];
    const givenUp: Shed[] = [];
    const nowMs = performance.now();
    const before = counts.consumed;
    for (const entry of entries) {
      const ours = held[entry.source];
      if (ours.has(entry.id) || parked.has(entry.source, entry.id)) continue;
      ours.add(entry.id);
      counts.consumed++;
      const judgement = judge(entry, nowMs, options);
      watch?.read(entry, judgement.kind === 'frame' ? judgement.held : undefined);
      if (judgement.kind === 'dead') dead.push(judgement.settled);
      else seat(judgement.held, givenUp);
    }
    metrics.consumed(counts.consumed - before);
    pump();
    // What was parked left its place for others.
    if (parked.size() > 0) intake.wake();
    if (dead.length > 0) await bury(dead);
    if (givenUp.length > 0) await giveUp(givenUp);
  }

  /** Gives a frame a place in its pool. Where there is none it is parked, or a frame is given up, by the policy of its capability. */
  function seat(frame: HeldFrame, givenUp: Shed[]): void {
    const pool = room.poolOf(frame);
    if (!shedding.policyOf(pool).blocks) {
      const given = shedding.arrive(frame, pool, placesOf(pool), fleet.creditsOf(frame.wanted));
      if (given) givenUp.push(given);
      return;
    }
    // Those that were parked go first.
    const isFirst = parked.size(pool.name) === 0 && !takingUp.has(pool.name);
    if (isFirst && pool.queue.size < placesOf(pool)) return room.add(frame);
    held[frame.entry.source].delete(frame.entry.id);
    parked.add(pool.name, frame.entry);
  }

  /** Reads parked frames again where their pool has places. */
  function seatParked(): void {
    if (parked.size() === 0 || stopped.signal.aborted) return;
    for (const name of parked.pools()) {
      const pool = room.get(name);
      const places = pool ? placesOf(pool) : options.maxWaitingPerCapability;
      const free = places - (pool?.queue.size ?? 0);
      if (takingUp.has(name) || free < places / 2) continue;
      const entries = parked.take(name, Math.min(free, BATCH));
      for (const { source, id } of entries) held[source].add(id);
      takingUp.add(name);
      void readAgain(entries).finally(() => {
        takingUp.delete(name);
        pump();
        intake.wake();
      });
    }
  }

  async function readAgain(entries: readonly Pick<SourceEntry, 'source' | 'id'>[]): Promise<void> {
    for (const source of ['retry', 'input'] as const) {
      const ids = entries.filter((entry) => entry.source === source).map(({ id }) => id);
      const read = async (): Promise<void> => {
        const taken = await takeUp(client, source, ids, { keys, group });
        for (const id of taken.lost) held[source].delete(id);
        if (taken.lost.length > 0) logger.error(`${taken.lost.length} pending frames had been deleted: lost`);
        const nowMs = performance.now();
        for (const entry of taken.entries) {
          const judgement = judge(entry, nowMs, options);
          // Whoever was sound when it was parked is sound now.
          if (judgement.kind === 'frame') room.add(judgement.held);
        }
      };
      await retrying('read parked frames again', read, { logger, signal: stopped.signal });
    }
  }

  /** The first pool took all places before there was another: it keeps its share. */
  function makePlaces(): void {
    if (held.input.size + held.retry.size < options.maxWaiting) return;
    for (const pool of room.pools()) {
      const places = placesOf(pool);
      if (pool.queue.size <= places || !shedding.policyOf(pool).blocks) continue;
      const beyond = room.cut(pool, places).map(({ entry: { source, id } }) => ({ source, id }));
      for (const { source, id } of beyond) held[source].delete(id);
      parked.addFirst(pool.name, beyond);
    }
  }

  async function giveUp(frames: readonly Shed[]): Promise<void> {
    const write = async (): Promise<void> => {
      const settled = await shed(client, frames, { keys, group, at: new Date().toISOString() });
      frames.forEach(({ entry, reason }, i) => {
        held[entry.source].delete(entry.id);
        if (settled[i]) {
          counts.shed++;
          metrics.shed(reason satisfies ShedReason);
        } else counts.gone++;
      });
    };
    await retrying('record shed frames', write, { logger, signal: stopped.signal });
    intake.wake();
  }

  async function bury(frames: readonly SettledFrame<DeadLetterReason>[]): Promise<void> {
    const write = async (): Promise<void> => {
      const settled = await deadLetter(client, frames, { keys, group, at: new Date().toISOString() });
      frames.forEach((frame, i) => buried(frame, settled[i] ?? false));
      const count = settled.filter(Boolean).length;
      if (count > 0) logger.warn(`${count} frames became dead letters, the last: ${frames.at(-1)?.detail}`);
    };
    await retrying('write dead letters', write, { logger, signal: stopped.signal });
    intake.wake();
  }

  function buried({ entry, reason, detail }: SettledFrame<DeadLetterReason>, wasOurs: boolean): void {
    held[entry.source].delete(entry.id);
    if (!wasOurs) {
      counts.gone++;
      return;
    }
    counts.dead_lettered++;
    metrics.deadLettered(reason);
    const trace = tracing.received(entry.fields);
    trace.end(new Error(`${reason}: ${detail}`));
    logger.debug('dead letter', { frame_id: entry.fields['frame_id'], reason, detail, ...trace.logFields });
  }

  // 3. Decide

  /** Hands off what waits, as far as there is credit. */
  function pump(): void {
    while (handOffs < MAX_HAND_OFFS) {
      const batch: DispatchPlan[] = [];
      blocked = false;
      makePlaces();
      for (const pool of room.pools()) blocked = fill(batch, pool) || blocked;
      if (batch.length === 0) break;
      void send(batch);
    }
    seatParked();
    if (blocked) credit.start();
  }

  /** Adds frames of a pool to the batch. @returns whether some wait for credit */
  function fill(batch: DispatchPlan[], pool: Pool): boolean {
    const { wanted, queue } = pool;
    const blocks = shedding.policyOf(pool).blocks;
    const late: Shed[] = [];
    const startMs = performance.now();
    const before = batch.length;
    const aside: HeldFrame[] = [];
    const canGoOn = (): boolean =>
      aside.length < MAX_ASIDE && wanted.every((capability) => router.hasCredit(capability));
    while (batch.length < BATCH && queue.size > 0 && canGoOn()) {
      const next = queue.pop();
      const given = blocks || !next ? undefined : shedding.isLate(next, pool);
      if (given) {
        late.push(given);
        continue;
      }
      const plan = next && planDispatch(next, router, fleet);
      if (plan) batch.push(plan);
      else if (next) aside.push(next);
    }
    for (const frame of aside.reverse()) room.putBack(frame);
    if (late.length > 0) void giveUp(late);
    const decided = batch.length - before;
    if (decided > 0) metrics.routingDuration((performance.now() - startMs) / 1000, decided);
    return batch.length < BATCH && queue.size > 0;
  }

  const credit = createCreditWatch({
    blocked: () => blocked,
    count: countQueues,
    retry() {
      const before = handOffs;
      pump();
      return handOffs > before;
    },
  });

  async function countQueues(): Promise<void> {
    const members = [...fleet.members()];
    try {
      const targets = members.map(({ target }) => target);
      const counted = await outstandingOf(client, targets);
      members.forEach((member, i) => {
        const outstanding = counted[i];
        if (outstanding === undefined) fleet.depart(member);
        else fleet.report(member, outstanding, 0);
      });
    } catch (error) {
      logger.warn('the work queues could not be counted', { error });
      await sleep(PAUSE_AFTER_FAILURE_MS);
    }
  }

  // 4. Hand off

  async function send(batch: readonly DispatchPlan[]): Promise<void> {
    handOffs++;
    const startMs = performance.now();
    try {
      const common = { enqueued_at: new Date().toISOString(), dispatched_by: orchestratorId };
      const reply = await handOff(client, batch.map(handOffItem), { keys, group, common });
      metrics.handoffDuration((performance.now() - startMs) / 1000, batch.length);
      confirm(batch, reply);
    } catch (error) {
      logger.error('a hand-off failed and is tried again; nothing was changed by it', {
        error,
        frames: batch.length,
      });
      for (const { held: frame, copies } of batch) {
        for (const { member } of copies) fleet.release(member);
        takeBack(frame, 'failed');
      }
      await sleep(PAUSE_AFTER_FAILURE_MS);
    } finally {
      handOffs--;
      intake.wake();
      pump();
    }
  }

  /** Books what Redis did with each frame, and what it counted in the queues. */
  function confirm(batch: readonly DispatchPlan[], { outcomes, outstanding }: HandOffReply): void {
    const sent = new Map<Member, number>();
    const nowMs = Date.now();
    // From the last to the first, so that those put back keep their order.
    for (let i = batch.length - 1; i >= 0; i--) {
      const plan = batch[i] as DispatchPlan;
      for (const { member } of plan.copies) sent.set(member, (sent.get(member) ?? 0) + 1);
      const outcome = outcomes[i] ?? 'gone';
      if (outcome === 'handed_off') handedOff(plan, nowMs);
      else if (outcome === 'gone') gone(plan.held);
      else takeBack(plan.held, outcome);
    }
    for (const [member, count] of sent) {
      const now = outstanding.get(member.target);
      if (now === undefined) {
        member.unconfirmed -= count;
        fleet.depart(member);
      } else {
        fleet.report(member, now, count);
      }
    }
  }

  function handedOff(plan: DispatchPlan, nowMs: number): void {
    const { entry, frame, trace } = plan.held;
    const { copies } = plan;
    watch?.handedOff(plan, nowMs);
    held[entry.source].delete(entry.id);
    counts.handed_off += copies.length;
    for (const { member } of copies) {
      metrics.routed(member.target.processorId, frame.cameraId, 'routed');
      metrics.distributed(member.target.processorId, 'handed_off');
    }
    if (frame.capturedAtMs !== undefined) metrics.frameAge('handed_off', (nowMs - frame.capturedAtMs) / 1000);
    trace.end();
  }

  /** Somebody else has handed it off or settled it. */
  function gone({ entry, trace }: HeldFrame): void {
    held[entry.source].delete(entry.id);
    counts.gone++;
    trace.refused('gone');
    trace.end();
  }

  function takeBack(frame: HeldFrame, outcome: string): void {
    frame.trace.refused(outcome);
    room.putBack(frame);
  }

  return {
    run: intake.run,
    adopt: admit,
    pump,
    hint: credit.hint,
    held: (source) => held[source].size + parked.of(source),
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      intake.wake();
    },
    paused: () => paused,
    reading: intake.reading,
    stopping: () => stopped.signal.aborted,
    async stop(graceMs) {
      stopped.abort();
      intake.wake();
      const deadlineMs = performance.now() + graceMs;
      while (handOffs > 0 || (room.size() > 0 && performance.now() < deadlineMs)) {
        pump();
        await sleep(POLL_WHILE_STOPPING_MS);
      }
      credit.end();
    },
    stats: () => ({ ...counts, waiting: room.size() + parked.size(), paused }),
    waiting: () =>
      room
        .summary(performance.now())
        .map((pool) => ({ ...pool, frames: pool.frames + parked.size(pool.capability) })),
  };
}
