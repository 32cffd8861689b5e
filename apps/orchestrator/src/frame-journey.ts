import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import type { Router } from '@frame-buffer/router';
import {
  type DeadLetterReason,
  handOff,
  type HandOffReply,
  type ScriptClient,
  type SettledFrame,
  type SourceEntry,
} from '@frame-buffer/stream-consumer';
import type { Logger, OrchestratorMetrics } from '@frame-buffer/telemetry';
import { createCreditWatch } from './credit-watch.ts';
import { type DispatchPlan, handOffItem, planDispatch } from './dispatch-plan.ts';
import type { Fleet, Member } from './fleet.ts';
import { createIntake, type IntakeOptions, PAUSE_AFTER_FAILURE_MS } from './intake.ts';
import type { Journey } from './journey.ts';
import type { JourneyWatch } from './journey-watch.ts';
import { judge, type JudgementOptions } from './judgement.ts';
import { letGo } from './let-go.ts';
import { countQueues } from './queue-count.ts';
import { createSeating, type SeatingLimits } from './seating.ts';
import { createSettlement } from './settlement.ts';
import type { Shed, Shedding } from './shedding.ts';
import { createWaitingRoom, type HeldFrame, type Pool } from './waiting-room.ts';

export interface JourneyOptions
  extends SeatingLimits, JudgementOptions, Pick<IntakeOptions, 'reader' | 'recreate' | 'onInterrupted'> {
  readonly client: ScriptClient;
  readonly keys: KeyNames;
  readonly group: string;
  readonly orchestratorId: string;
  readonly router: Router;
  readonly fleet: Fleet;
  readonly shedding: Shedding;
  readonly logger: Logger;
  readonly metrics: OrchestratorMetrics;
  readonly watch?: JourneyWatch;
}

/** Entries asked for in one read and frames in one hand-off: one script call of this size takes Redis some 10 ms. */
const BATCH = 512;
/** Records of one hand-off: many times what frames mostly have, and as long for Redis as `BATCH` of these. */
const MAX_BATCH_CHARS = 512 * 1024;
/** Hand-offs under way at once: the next is built while Redis works on the last. */
const MAX_HAND_OFFS = 3;
const POLL_WHILE_STOPPING_MS = 20;

/**
 * Invariants: (1) an entry is in `held` from its admission until Redis has said that it is handed off, settled or somebody else's;
 * (2) a held frame is in the waiting room or in exactly one hand-off; (3) a failure leaves a frame held, to be tried again.
 */
export function createJourney(options: JourneyOptions): Journey {
  const { client, keys, group, orchestratorId, router, fleet, shedding, logger, metrics, watch } = options;
  const room = createWaitingRoom(router);
  const held = { input: new Set<string>(), retry: new Set<string>() };
  const counts = { consumed: 0, handed_off: 0, dead_lettered: 0, gone: 0, shed: 0 };
  const stopped = new AbortController();
  let paused = false;
  let handOffs = 0;
  /** Of the records in the batch that is being filled, each as often as it is copied. */
  let batchChars = 0;
  /** Whether frames wait for credit. */
  let blocked = false;
  let members = router.members();
  const seating = createSeating({
    ...options,
    room,
    held,
    onSeated() {
      pump();
      intake.wake();
    },
    signal: stopped.signal,
  });
  const settlement = createSettlement({
    ...options,
    held,
    counts,
    onSettled: () => intake.wake(),
    signal: stopped.signal,
  });

  // 1. Read

  /** The next hand-off lies ready and must wait its turn: what were read now would only grow old here, at the garbage collector's cost. */
  const busy = (): boolean => handOffs >= MAX_HAND_OFFS && !blocked && room.size() >= BATCH;

  const intake = createIntake({
    ...options,
    retryStream: keys.retry,
    batch: BATCH,
    room: () => (paused || busy() ? 0 : seating.placesToRead()),
    onEntries: admit,
    signal: stopped.signal,
  });

  // 2. Decode: a frame that gets a place, or a dead letter

  async function admit(entries: readonly SourceEntry[]): Promise<void> {
    const dead: SettledFrame<DeadLetterReason>[] = [];
    const givenUp: Shed[] = [];
    const nowMs = performance.now();
    const before = counts.consumed;
    for (const entry of entries) {
      const ours = held[entry.source];
      if (ours.has(entry.id) || seating.parked.has(entry.source, entry.id)) continue;
      ours.add(entry.id);
      counts.consumed++;
      const judgement = judge(entry, nowMs, options);
      watch?.read(entry, judgement.kind === 'frame' ? judgement.held : undefined);
      if (judgement.kind === 'dead') dead.push(judgement.settled);
      else seating.seat(judgement.held, givenUp);
    }
    metrics.consumed(counts.consumed - before);
    pump();
    // What was parked left its place for others.
    if (seating.parked.size() > 0) intake.wake();
    if (dead.length > 0) await settlement.bury(dead);
    if (givenUp.length > 0) await settlement.giveUp(givenUp);
  }

  // 3. Decide

  /** Hands off what waits, as far as there is credit. */
  function pump(): void {
    if (router.members() !== members) regroup();
    while (handOffs < MAX_HAND_OFFS) {
      const batch: DispatchPlan[] = [];
      blocked = false;
      batchChars = 0;
      const beyond = seating.makePlaces();
      if (beyond.length > 0) void settlement.giveUp(beyond);
      for (const pool of room.pools()) blocked = fill(batch, pool) || blocked;
      if (batch.length === 0) break;
      void send(batch);
    }
    seating.seatParked();
    if (blocked) credit.start();
  }

  /** Who accepts which frames has changed. */
  function regroup(): void {
    members = router.members();
    room.rejoin();
    seating.rejoin();
  }

  /** Adds frames of a pool to the batch; those that can't go where others can (constraints, a processor to avoid) let them pass. @returns whether some wait for credit */
  function fill(batch: DispatchPlan[], pool: Pool): boolean {
    const { wanted, queue } = pool;
    const blocks = shedding.policyOf(pool).blocks;
    const late: Shed[] = [];
    const startMs = performance.now();
    const before = batch.length;
    const hasCredit = (): boolean => wanted.every((capability) => router.hasCredit(capability));
    const hasRoom = (): boolean => batch.length < BATCH && batchChars < MAX_BATCH_CHARS;
    room.openLanes(pool);
    while (hasRoom() && queue.available > 0 && hasCredit()) {
      const place = queue.take();
      const next = place?.item;
      const given = blocks || !next ? undefined : shedding.isLate(next, pool);
      if (given) {
        late.push(given);
        continue;
      }
      const plan = next && !room.isHeldUp(next, pool) ? planDispatch(next, router, fleet) : undefined;
      if (plan) {
        batch.push(plan);
        batchChars += plan.copies.length * plan.held.frame.recordChars;
      } else if (place) room.setAside(pool, place, blocks);
    }
    if (!blocks) late.push(...shedding.takeLate(pool));
    if (late.length > 0) void settlement.giveUp(late);
    const decided = batch.length - before;
    if (decided > 0) metrics.routingDuration((performance.now() - startMs) / 1000, decided);
    return hasRoom() && queue.size > 0;
  }

  const credit = createCreditWatch({
    blocked: () => blocked,
    count: () => countQueues(options),
    retry() {
      const before = handOffs;
      pump();
      return handOffs > before;
    },
  });

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

  /** Somebody else has it, has handed it off or settled it. */
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
    held: (source) => held[source].size + seating.parked.of(source),
    letGo: (source, askPending) => letGo(source, askPending, { room, parked: seating.parked, onGone: gone }),
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
      // Left pending, for another orchestrator to adopt; what was traced of them here is complete.
      for (const { queue } of room.pools()) for (const { item } of queue) item.trace.end();
      credit.end();
    },
    stats: () => ({ ...counts, waiting: room.size() + seating.parked.size(), paused }),
    waiting: seating.waiting,
  };
}
