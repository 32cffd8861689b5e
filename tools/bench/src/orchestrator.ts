import { freePort } from '@frame-buffer/setup';
import type { Redis } from 'ioredis';
import { CAPABILITY } from './frame-records.ts';
import { type Program, startProgram } from './program.ts';
import { waitFor } from './wait.ts';

/** A real orchestrator process, as it is run in production, with everything on. */
export interface OrchestratorProgram extends Program {
  /** Registers processors over HTTP and waits until frames can go to all of them. @returns their queues */
  register(count: number, capacity: number): Promise<string[]>;
  /** Returns when it reads no more. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface OrchestratorOptions {
  readonly redisUrl: string;
  readonly redis: Redis;
  /** Metrics and traces; on where it isn't said. */
  readonly telemetry?: boolean;
  /** Receives its spans. */
  readonly otlpEndpoint: string;
  /** Where it leaves a CPU profile when it ends. */
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
}

const MAIN = new URL('../../../apps/orchestrator/src/main.ts', import.meta.url);
const ID = 'orchestrator-1';
/** Longer than any run: the benchmark's processors send no heartbeats. */
const LEASE_MS = 3_600_000;

export async function startOrchestrator(options: OrchestratorOptions): Promise<OrchestratorProgram> {
  const { redis, signal } = options;
  const url = `http://127.0.0.1:${await freePort()}`;
  const program = startProgram({
    name: 'the orchestrator',
    main: MAIN,
    metered: true,
    env: {
      REDIS_URL: options.redisUrl,
      PORT: new URL(url).port,
      HOST: '127.0.0.1',
      ORCHESTRATOR_ID: ID,
      LOG_LEVEL: 'warn',
      ...(options.telemetry === false
        ? { OTEL_EXPORTER_OTLP_ENDPOINT: '', METRICS: 'false' }
        : { OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpEndpoint, METRICS: 'true' }),
      API_TOKEN: '',
      // Nobody reads the queues of the hand-off benchmark: on a slow machine they would be taken for hung, and emptied.
      SILENT_QUEUE_MS: String(LEASE_MS),
      CIRCUIT_STALL_MS: String(LEASE_MS),
    },
    nodeArgs: options.profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${options.profileFolder}`] : [],
  });

  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(url + path, {
      method,
      headers: body ? { 'content-type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : null,
      signal,
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  try {
    await waitFor(() => call('GET', '/health/ready').then(Boolean, () => false), {
      what: 'the orchestrator to be ready',
      program,
      signal,
    });
  } catch (error) {
    await program.stop();
    throw error;
  }
  return {
    ...program,
    async register(count, capacity) {
      const queues: string[] = [];
      for (let i = 0; i < count; i++) {
        const registered = (await call('POST', '/processors/register', {
          id: `processor-${i + 1}`,
          capabilities: [CAPABILITY],
          capacity,
          completion: 'delete',
          lease_ms: LEASE_MS,
        })) as { queue: string };
        queues.push(registered.queue);
      }
      await waitFor(
        async () => ((await call('GET', '/control/status')) as { processors: number }).processors === count,
        { what: 'the processors to be known', program, signal },
      );
      return queues;
    },
    async pause() {
      await call('POST', '/control/pause');
      // A blocked read that is under way still takes what comes.
      await waitFor(async () => !(await isBlocked(redis, `${ID}-reads`)), {
        what: 'the last read to end',
        program,
        signal,
      });
    },
    async resume() {
      await call('POST', '/control/resume');
    },
  };
}

/** Whether the connection of this name waits in a blocking command, as Redis sees it. */
async function isBlocked(redis: Redis, name: string): Promise<boolean> {
  const list = String(await redis.client('LIST'));
  return list.split('\n').some((line) => line.includes(` name=${name} `) && / flags=\w*b/.test(line));
}
