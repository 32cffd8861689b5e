import { setTimeout as sleep } from 'node:timers/promises';
import { createProcessor, type ProcessFrame, type Processor } from '@frame-buffer/processor-client';
import type { Probe } from './probe.ts';

export interface ProbeProcessorsOptions {
  readonly probe: Probe;
  readonly redisUrl: string;
  readonly orchestratorUrl: string;
  readonly apiToken: string | undefined;
  readonly signal: AbortSignal;
}

/** The processors of a probe. */
export interface ProbeProcessors {
  /** @throws Error in words where it is not in after a while */
  start(role: string, task: string, process: ProcessFrame): Promise<Processor>;
  /** Ends those that still run. */
  stop(): Promise<void>;
}

const CONCURRENCY = 32;
/** A validation that is killed is forgotten this soon. */
const LEASE_MS = 5_000;
const READY_WITHIN_MS = 10_000;
const POLL_MS = 20;

export function createProbeProcessors(options: ProbeProcessorsOptions): ProbeProcessors {
  const { probe, redisUrl, orchestratorUrl, apiToken, signal } = options;
  const running: Processor[] = [];
  return {
    async start(role, task, process) {
      const processor = createProcessor({
        id: probe.processorId(role),
        capabilities: [probe.capability(task)],
        // Production frames that ask for nothing go to any processor, but not to these.
        cameras: [probe.cameraId],
        concurrency: CONCURRENCY,
        leaseMs: LEASE_MS,
        resultStream: probe.results,
        redisUrl,
        orchestratorUrl,
        apiToken,
        process,
      });
      running.push(processor);
      let refusal: unknown;
      processor.run().catch((error: unknown) => (refusal = error));
      const deadline = performance.now() + READY_WITHIN_MS;
      while (!processor.ready()) {
        if (refusal !== undefined) throw refusal;
        if (performance.now() > deadline)
          throw new Error(`a processor of the validation could not register in ${READY_WITHIN_MS / 1000} s`);
        await sleep(POLL_MS, undefined, { signal });
      }
      return processor;
    },
    stop: async () => void (await Promise.all(running.map((processor) => processor.stop()))),
  };
}
