import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraFlow } from '@frame-buffer/backpressure';
import type { KeyNames, Notice } from '@frame-buffer/models';
import type { BooksReading } from '@frame-buffer/stream-consumer';
import type { Logger } from '@frame-buffer/telemetry';
import type { Redis } from 'ioredis';
import type { Fleet } from '../fleet.ts';
import type { Journey } from '../journey.ts';
import type { JourneyWatch } from '../journey-watch.ts';
import type { LedgerWatch } from '../ledger-watch.ts';
import { createCameraWatch } from './camera-watch.ts';
import { createCounterRates } from './counter-rates.ts';
import { createDeadLetterWatch } from './dead-letter-watch.ts';
import { createDecisionLog, type DecisionLog } from './decision-log.ts';
import { createEventHub, type EventHub } from './event-hub.ts';
import { createFlowHistory, FLOW_COUNTERS, flowReasons, flowTotals, type FlowCounter } from './flow.ts';
import type { Flow, LiveState, Pressure, RedisFigures } from './live-state.ts';
import { coverage, processorRows } from './processor-rows.ts';
import { createProcessorWatch } from './processor-watch.ts';
import { createRedisWatch } from './redis-watch.ts';
import { createResultTail } from './result-tail.ts';
import { createVerdict, type VerdictFacts } from './verdict.ts';

/** What other parts of the orchestrator know. */
export interface OverloadFigures {
  /** `closed`, `open`, `half_open` or `isolated`. */
  breakers(): Iterable<readonly [processorId: string, state: string]>;
  pressure(): Pressure;
}

export interface LivePageOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly fleet: Fleet;
  readonly ledger: LedgerWatch;
  readonly journey: () => Journey;
  readonly about: { readonly id: string; readonly version: string; readonly strategy: string };
  readonly overload: OverloadFigures;
  readonly logger: Logger;
}

/** The state of the live page, made once a second for everybody, and what it needs to see of frames that pass. */
export interface LivePage {
  readonly watch: JourneyWatch;
  readonly hub: EventHub;
  readonly decisions: DecisionLog;
  /** A hint on the events channel. */
  notice(notice: Notice): void;
  state(): LiveState;
  history(): ReturnType<ReturnType<typeof createFlowHistory>['points']>;
  redis(): RedisFigures;
  /** When each camera's last frame was published, in seconds since the epoch. */
  lastFrames(): Iterable<readonly [camera: string, seconds: number]>;
  /** What each camera sends and asks for, as far as this orchestrator reads it. */
  cameraFlows(): CameraFlow[];
  /** Cameras that send no more; undefined while nobody knows. */
  silentCameras(): number | undefined;
  run(signal: AbortSignal): Promise<void>;
}

const EVERY_MS = 1_000;
const MINUTE_MS = 60_000;
/** In between it is made again if something changed that nobody should wait for. */
const LOOKS_PER_SECOND = 4;
/** A processor whose heartbeat is later than this share of its lease is worth a word: three fit into one. */
const LATE_SHARE = 0.5;
const MIN_LATE_MS = 1_000;

export function createLivePage(options: LivePageOptions): LivePage {
  const { client, keys, fleet, ledger, journey, about, overload, logger } = options;
  const startedAtMs = Date.now();
  const redis = createRedisWatch(client, startedAtMs);
  /** How far the results have been read, by the clock of Redis. */
  let resultsMs = startedAtMs;
  const cameras = createCameraWatch(startedAtMs, () => resultsMs);
  const processors = createProcessorWatch(() => resultsMs);
  const deadLetters = createDeadLetterWatch(client, keys);
  const decisions = createDecisionLog();
  const hub = createEventHub();
  const verdict = createVerdict(startedAtMs);
  const rates = createCounterRates<FlowCounter>();
  const history = createFlowHistory();
  const tail = createResultTail(client, ({ atMs, camera, processor, capability, durationMs, weight }) => {
    if (atMs > resultsMs) resultsMs = atMs;
    if (camera !== undefined) cameras.results(camera, capability, weight, atMs);
    if (processor !== undefined && fleet.get(processor)) processors.result(processor, weight, durationMs);
  });
  let sampled = false;
  let seenReading: unknown;
  /** Of the registry, so far. */
  let changes = 0;
  let state: LiveState | undefined;

  const watch: JourneyWatch = {
    read({ id, source, fields }, held) {
      if (source === 'retry' && fields['failed_by']) processors.failed(fields['failed_by']);
      if (source === 'input' && held) cameras.read(held.frame.cameraId, held.wanted, Number.parseInt(id, 10));
    },
    handedOff: (plan, nowMs) => decisions.handedOff(plan, nowMs),
    shed: (held, reason, moment, nowMs) => decisions.shed(held, reason, moment, nowMs),
  };

  /** Each look by itself, and none holds up the state: what doesn't answer is shown as it was, with its age. */
  const looks = [
    async (): Promise<void> => redis.look(Date.now()),
    async (): Promise<void> => deadLetters.look(),
    async (): Promise<void> => {
      // Only for those who look: results are read whole.
      if (hub.size() === 0) return;
      const streams = new Set([keys.results]);
      for (const { registration } of fleet.members()) streams.add(registration.results);
      const untilMs = redis.redisNow(Date.now());
      sampled = !(await tail.look([...streams]));
      resultsMs = Math.max(resultsMs, untilMs);
    },
  ].map(oneAtATime);

  function oneAtATime(look: () => Promise<void>): () => void {
    let busy = false;
    return () => {
      if (busy) return;
      busy = true;
      look()
        .catch((error: unknown) => logger.debug('a figure of the live page could not be read', { error }))
        .finally(() => (busy = false));
    };
  }

  function compute(nowMs: number): LiveState {
    const reading = ledger.latest();
    if (reading && reading !== seenReading) {
      seenReading = reading;
      // Not now: a state that is made out of turn would take a short second for a whole one.
      rates.add(ledger.latestAtMs(), flowTotals(reading));
    }
    const figures = redis.figures(nowMs);
    const caughtUp = isCaughtUp(nowMs);
    const redisNowMs = redis.redisNow(nowMs);
    const asked = cameras.asked();
    const queues = new Map(reading?.queues.map(({ queue, outstanding }) => [queue, outstanding]));
    const rows = processorRows(nowMs, {
      members: fleet.members(),
      queues,
      breakers: new Map(overload.breakers()),
      figures: processors.figures,
      asked,
      paused: journey().paused(),
    });
    processors.keep(new Set(rows.map(({ id }) => id)));
    const pressure = overload.pressure();
    const waiting = journey().waiting();
    const dead = deadLetters.figures(rates.added('dead', MINUTE_MS));
    const facts: VerdictFacts = {
      unaccounted: reading?.books.unaccounted,
      lostLately: rates.added('lost', MINUTE_MS),
      redisAnswers: figures.answering,
      policy: figures.policy ?? undefined,
      memoryUsed:
        figures.usedBytes !== null && figures.limitBytes !== null && figures.limitBytes > 0
          ? figures.usedBytes / figures.limitBytes
          : undefined,
      headroomSeconds: figures.headroomSeconds ?? undefined,
      reading: journey().reading(),
      paused: journey().paused(),
      waiting,
      ...coverage(rows),
      died: processors.deaths(nowMs).filter((id) => !fleet.get(id)),
      silent: figures.answering ? late(nowMs) : [],
      breakersOpen: rows.filter(({ breaker }) => breaker === 'open').map(({ id }) => id),
      pressure,
      silentCameras: cameras.silent(redisNowMs, caughtUp),
      deadLettersLastMinute: dead.lastMinute,
      deadLetterReason: dead.newest[0] && `${dead.newest[0].reason}: ${dead.newest[0].detail}`,
    };
    const flow = flowNow(reading);
    history.add(nowMs, flow);
    return {
      atMs: nowMs,
      orchestrator: {
        ...about,
        startedAtMs,
        paused: journey().paused(),
        stopping: journey().stopping(),
        pressure,
      },
      verdict: verdict(facts, nowMs),
      flow,
      books: reading?.books ?? null,
      cameras: cameras.grid(redisNowMs, { caughtUp, sampled }),
      processors: rows,
      waiting,
      redis: figures,
      deadLetters: dead,
    };
  }

  /** Whether everything published has been read: then silence is silence. */
  function isCaughtUp(nowMs: number): boolean {
    return ledger.fresh()?.books.unread === 0 && redis.figures(nowMs).answering && !journey().paused();
  }

  /** Processors whose heartbeats have stopped. */
  function late(nowMs: number): { id: string; heartbeatAgeMs: number }[] {
    const found = [];
    for (const { registration, health } of fleet.members()) {
      const heartbeatAgeMs = health ? nowMs - health.received_at_ms : 0;
      if (heartbeatAgeMs > Math.max(MIN_LATE_MS, registration.lease_ms * LATE_SHARE))
        found.push({ id: registration.id, heartbeatAgeMs });
    }
    return found;
  }

  /** What nobody should wait a second for. */
  function urgent(): string {
    const ids = late(Date.now()).map(({ id }) => id);
    return [changes, journey().paused(), journey().reading(), ...ids].join();
  }

  function flowNow(reading: BooksReading | undefined): Flow {
    const reasons = reading ? flowReasons(reading) : { shedByReason: {}, lostByReason: {} };
    const perSecond = Object.fromEntries(FLOW_COUNTERS.map((name) => [name, rates.perSecond(name)]));
    return { ...(perSecond as Record<FlowCounter, number | null>), ...reasons };
  }

  return {
    watch,
    hub,
    decisions,
    state: () => (state ??= compute(Date.now())),
    history: history.points,
    redis: () => redis.figures(Date.now()),
    *lastFrames() {
      const nowMs = Date.now();
      const aheadMs = redis.redisNow(nowMs) - nowMs;
      for (const [camera, lastMs] of cameras.lastFrames()) yield [camera, (lastMs - aheadMs) / 1000];
    },
    cameraFlows: cameras.flows,
    silentCameras() {
      const nowMs = Date.now();
      return isCaughtUp(nowMs) ? cameras.silent(redis.redisNow(nowMs), true).length : undefined;
    },
    notice(notice) {
      if (notice.type !== 'registry') return;
      changes++;
      if (notice.change === 'died') processors.died(notice.processor_id, Date.now());
      else processors.came(notice.processor_id);
    },
    async run(signal) {
      let before = '';
      for (let turn = 0; !signal.aborted; turn++) {
        const now = urgent();
        const due = turn % LOOKS_PER_SECOND === 0;
        if (due) for (const look of looks) look();
        if (due || now !== before) {
          state = compute(Date.now());
          hub.send({ name: 'state', data: state });
        }
        before = now;
        await sleep(EVERY_MS / LOOKS_PER_SECOND, undefined, { signal }).catch(() => {});
      }
      hub.close();
    },
  };
}
