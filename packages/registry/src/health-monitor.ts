import { setTimeout as sleep } from 'node:timers/promises';
import { httpProbe, type ProbeRequest } from './http-probe.ts';

export interface ProbeTarget {
  readonly processorId: string;
  /** http or https. */
  readonly endpoint: string;
}

export type ProbeOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export type HealthEvent =
  | {
      readonly type: 'probed';
      readonly processorId: string;
      readonly outcome: ProbeOutcome;
      readonly durationMs: number;
    }
  /** Two cycles in a row have failed. */
  | { readonly type: 'unhealthy'; readonly processorId: string; readonly reason: string }
  /** It has answered well as often as it must. */
  | { readonly type: 'recovered'; readonly processorId: string };

/** Probes that failed one after another, as many as make a processor unhealthy, or more. */
export interface Failing {
  /** Of the last one. */
  readonly reason: string;
  /** Since the first one. */
  readonly forMs: number;
}

export interface HealthMonitorOptions {
  /** Whom to probe, asked at the beginning of each cycle. */
  targets: () => Iterable<ProbeTarget>;
  onEvent: (event: HealthEvent) => void;
  request: ProbeRequest;
  /** From the beginning of one cycle to that of the next. */
  everyMs: number;
  /** An endpoint that hasn't answered by then has failed. */
  timeoutMs: number;
  /** Probes under way at once. */
  maxConcurrent: number;
  /** Each waits a random share of its cycle, up to this: many orchestrators must not all ask at once. */
  jitter: number;
  failedCycles: number;
  successesToRecover: number;
  rng: () => number;
}

export interface HealthMonitor {
  /** Probes every target once; never rejects. Without the wait of the jitter. */
  cycle(signal?: AbortSignal): Promise<void>;
  /** Cycles until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** False only for those that were found unhealthy. */
  isHealthy(processorId: string): boolean;
  /** @returns undefined where its last probe went well, or too few have failed to tell */
  failing(processorId: string): Failing | undefined;
}

const DEFAULTS: Omit<HealthMonitorOptions, 'targets' | 'onEvent'> = {
  request: httpProbe,
  everyMs: 5_000,
  // A health endpoint that takes longer is as good as none.
  timeoutMs: 2_000,
  maxConcurrent: 16,
  jitter: 0.2,
  // One lost packet is no illness.
  failedCycles: 2,
  successesToRecover: 2,
  rng: Math.random,
};

interface Patient {
  /** The failures since its last success. */
  failing: { readonly count: number; readonly reason: string; readonly sinceMs: number } | undefined;
  /** Since its last failure. */
  successes: number;
  healthy: boolean;
}

/** Probes the health endpoints of processors, and says when one falls ill or recovers. Keeps no timer running but within `run`. */
export function createHealthMonitor(
  given: Pick<HealthMonitorOptions, 'targets' | 'onEvent'> & Partial<HealthMonitorOptions>,
): HealthMonitor {
  const options: HealthMonitorOptions = { ...DEFAULTS, ...given };
  const { targets, onEvent, request, everyMs, timeoutMs, jitter, rng } = options;
  const patients = new Map<string, Patient>();

  async function ask(endpoint: string, signal: AbortSignal | undefined): Promise<ProbeOutcome> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const status = await request(endpoint, signal ? AbortSignal.any([signal, timeout]) : timeout);
      return status >= 200 && status < 300 ? { ok: true } : { ok: false, reason: `it answered ${status}` };
    } catch (error) {
      if (timeout.aborted) return { ok: false, reason: `no answer within ${timeoutMs} ms` };
      return { ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  async function probe(
    { processorId, endpoint }: ProbeTarget,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const startMs = performance.now();
    const outcome = await ask(endpoint, signal);
    if (signal?.aborted) return;
    onEvent({ type: 'probed', processorId, outcome, durationMs: performance.now() - startMs });
    const patient = patients.get(processorId);
    // It left meanwhile.
    if (patient) judge(processorId, patient, outcome);
  }

  function judge(processorId: string, patient: Patient, outcome: ProbeOutcome): void {
    if (outcome.ok) {
      patient.failing = undefined;
      patient.successes++;
      if (patient.healthy || patient.successes < options.successesToRecover) return;
      patient.healthy = true;
      onEvent({ type: 'recovered', processorId });
    } else {
      patient.successes = 0;
      const { reason } = outcome;
      const count = (patient.failing?.count ?? 0) + 1;
      patient.failing = { count, reason, sinceMs: patient.failing?.sinceMs ?? performance.now() };
      if (!patient.healthy || count < options.failedCycles) return;
      patient.healthy = false;
      onEvent({ type: 'unhealthy', processorId, reason });
    }
  }

  /** @param spreadMs each probe begins within this time */
  async function cycle(signal: AbortSignal | undefined, spreadMs: number): Promise<void> {
    const due = [...targets()];
    const present = new Set(due.map(({ processorId }) => processorId));
    for (const id of patients.keys()) if (!present.has(id)) patients.delete(id);
    for (const id of present)
      if (!patients.has(id)) patients.set(id, { failing: undefined, successes: 0, healthy: true });
    const plan = due
      .map((target) => ({ target, atMs: performance.now() + rng() * spreadMs }))
      .sort((a, b) => a.atMs - b.atMs);
    const worker = async (): Promise<void> => {
      for (let next = plan.shift(); next && !signal?.aborted; next = plan.shift()) {
        const waitMs = next.atMs - performance.now();
        if (waitMs > 0) await sleep(waitMs, undefined, { signal }).catch(() => {});
        if (!signal?.aborted) await probe(next.target, signal);
      }
    };
    const workers = Math.min(options.maxConcurrent, plan.length);
    await Promise.all(Array.from({ length: workers }, worker));
  }

  return {
    cycle: (signal) => cycle(signal, 0),
    async run(signal) {
      while (!signal.aborted) {
        const nextMs = performance.now() + everyMs;
        await cycle(signal, everyMs * jitter);
        const waitMs = Math.max(0, nextMs - performance.now());
        await sleep(waitMs, undefined, { signal }).catch(() => {});
      }
    },
    isHealthy: (processorId) => patients.get(processorId)?.healthy ?? true,
    failing(processorId) {
      const failing = patients.get(processorId)?.failing;
      if (!failing || failing.count < options.failedCycles) return undefined;
      return { reason: failing.reason, forMs: performance.now() - failing.sinceMs };
    },
  };
}
