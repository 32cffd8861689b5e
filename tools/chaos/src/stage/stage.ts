import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTcpProxy, type TcpProxy } from '@frame-buffer/testing';
import { within } from '../within.ts';
import { startFront } from './front.ts';
import { type Program, startProgram } from './program.ts';
import { startStore, type Store, type StoreKind } from './store.ts';

/** An orchestrator or a processor, and its own way to Redis. */
export interface Worker {
  readonly name: string;
  readonly role: Role;
  readonly link: TcpProxy;
  readonly program: Program;
}

export type Role = 'orchestrator' | 'processor';

/** The system under test: real processes, each with a link to Redis that can be cut. */
export interface Stage {
  readonly store: Store;
  /** Those that nobody has told to end. */
  orchestrators(): readonly Worker[];
  processors(): readonly Worker[];
  /** Resolves when it is ready. */
  startOrchestrator(): Promise<Worker>;
  /** Resolves when it is registered. @param name of one that ended, to come back under its id */
  startProcessor(name?: string): Promise<Worker>;
  /** SIGKILL. @returns when, in ms since the epoch */
  kill(worker: Worker): Promise<number>;
  /** SIGTERM; resolves when it has ended. */
  terminate(worker: Worker): Promise<void>;
  /** SIGSTOP. */
  pause(worker: Worker): void;
  /** SIGCONT. */
  resume(worker: Worker): void;
  /** @throws the signal's reason */
  wait(ms: number): Promise<void>;
  /** Undoes what a scenario left undone: nothing is paused or cut off, and as many processes run as at the start. */
  heal(): Promise<void>;
  /** What went wrong with processes that nobody meant to end, or that were told to and couldn't. */
  troubles(): readonly string[];
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly orchestrators: number;
  readonly processors: number;
  readonly redis: StoreKind;
  readonly routingStrategy: string;
  /** Frames that a processor has in process at once. */
  readonly concurrency?: number;
  readonly logDirectory: string;
  readonly signal: AbortSignal;
}

/** A frame takes a processor this long, and so many at once: two processors can do what comes on a machine that has more to do. */
const WORK_MS = 20;
const CONCURRENCY = 16;
export const PROCESSOR_LEASE_MS = 5_000;
/** Chaos strikes a frame more often than life does, and this suite is about frames that survive. */
const MAX_ATTEMPTS = 20;
const ENDS_WITHIN_MS = 20_000;

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const MAINS = {
  orchestrator: join(ROOT, 'apps/orchestrator/src/main.ts'),
  processor: fileURLToPath(new URL('../programs/processor.ts', import.meta.url)),
} as const;

export async function startStage(options: StageOptions): Promise<Stage> {
  const { signal, logDirectory } = options;
  const store = await startStore(options.redis);
  const front = await startFront();
  const living = new Set<Worker>();
  const troubles: string[] = [];
  const started = { orchestrator: 0, processor: 0 };

  const those = (role: Role): Worker[] => [...living].filter((worker) => worker.role === role);

  async function launch(role: Role, name: string, env: Record<string, string>): Promise<Worker> {
    signal.throwIfAborted();
    const link = await startTcpProxy(store.port);
    const program = startProgram({
      name,
      main: MAINS[role],
      env: { REDIS_URL: store.isGroup ? store.url : link.url, LOG_LEVEL: 'info', ...env },
      logDirectory,
      signal,
    });
    const worker: Worker = { name, role, link, program };
    living.add(worker);
    void program.ended.then((how) => {
      if (living.has(worker))
        troubles.push(`${name} ended by itself with ${how}: ${program.tail().slice(-600)}`);
    });
    return worker;
  }

  async function startOrchestrator(): Promise<Worker> {
    const name = `orchestrator-${++started.orchestrator}`;
    const worker = await launch('orchestrator', name, {
      ORCHESTRATOR_ID: name,
      PORT: '0',
      ROUTING_STRATEGY: options.routingStrategy,
      MAX_ATTEMPTS: String(MAX_ATTEMPTS),
    });
    const [, port] = await worker.program.says(/ready at http:\/\/127\.0\.0\.1:(\d+)/);
    const gone = new AbortController();
    void worker.program.ended.then(() => gone.abort());
    front.add(Number(port), gone.signal);
    return worker;
  }

  async function startProcessor(name = `processor-${++started.processor}`): Promise<Worker> {
    const worker = await launch('processor', name, {
      ORCHESTRATOR_URL: front.url,
      PROCESSOR_ID: name,
      WORK_MS: String(WORK_MS),
      CONCURRENCY: String(options.concurrency ?? CONCURRENCY),
      LEASE_MS: String(PROCESSOR_LEASE_MS),
    });
    await worker.program.says(/"message":"registered"/);
    return worker;
  }

  async function end(worker: Worker, how: 'SIGKILL' | 'SIGTERM'): Promise<string | undefined> {
    living.delete(worker);
    worker.program.send(how);
    const result = await within(worker.program.ended, ENDS_WITHIN_MS);
    if (result === undefined) {
      troubles.push(`${worker.name} had not ended ${ENDS_WITHIN_MS / 1000} s after ${how}`);
      worker.program.send('SIGKILL');
      await worker.program.ended;
    }
    await worker.link.stop();
    return result;
  }

  async function fill(): Promise<void> {
    const missing = (role: Role, wanted: number): number => Math.max(0, wanted - those(role).length);
    // Processors need an orchestrator to register.
    await Promise.all(
      Array.from({ length: missing('orchestrator', options.orchestrators) }, startOrchestrator),
    );
    await Promise.all(
      Array.from({ length: missing('processor', options.processors) }, () => startProcessor()),
    );
  }

  const stage: Stage = {
    store,
    orchestrators: () => those('orchestrator'),
    processors: () => those('processor'),
    startOrchestrator,
    startProcessor,
    async kill(worker) {
      await end(worker, 'SIGKILL');
      return Date.now();
    },
    async terminate(worker) {
      const how = await end(worker, 'SIGTERM');
      if (how !== undefined && how !== 'code 0') troubles.push(`${worker.name} ended with ${how} on SIGTERM`);
    },
    pause: ({ program }) => program.send('SIGSTOP'),
    resume: ({ program }) => program.send('SIGCONT'),
    wait: (ms) => sleep(ms, undefined, { signal }),
    async heal() {
      for (const { program, link } of living) {
        program.send('SIGCONT');
        link.resume();
        await link.accept();
      }
      await fill();
    },
    troubles: () => troubles,
    async stop() {
      const all = [...living];
      living.clear();
      front.stop();
      for (const { program } of all) program.send('SIGKILL');
      await Promise.all(all.map(({ program }) => program.ended));
      await Promise.all(all.map(({ link }) => link.stop()));
      await store.stop();
    },
  };
  try {
    await fill();
    return stage;
  } catch (error) {
    await stage.stop();
    throw error;
  }
}
