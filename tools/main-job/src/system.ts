import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashTagOf, keyNames, type KeyNames } from '@frame-buffer/models';
import { freePort, provideRedis } from '@frame-buffer/setup';
import { type Program, startProgram } from './program.ts';

/** Redis, an orchestrator and processors, running. */
export interface System {
  readonly redisUrl: string;
  readonly orchestratorUrl: string;
  readonly keys: KeyNames;
  readonly orchestrator: Program;
  readonly processors: readonly Program[];
  /** Ends processors, then the orchestrator, then Redis. */
  stop(): Promise<void>;
}

export interface SystemOptions {
  readonly processors: number;
  readonly redisUrl: string | undefined;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Where the programs' logs go; what is in it is deleted. */
  readonly logDirectory?: string;
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const START_MS = 30_000;
const STOP_MS = 15_000;
const POLL_MS = 50;

/** @throws Error with the last lines of a program that doesn't come up */
export async function startSystem({
  processors: count,
  redisUrl,
  say,
  signal,
  logDirectory = join(ROOT, '.frame-buffer', 'logs'),
}: SystemOptions): Promise<System> {
  rmSync(logDirectory, { recursive: true, force: true });
  const redis = await provideRedis({ redisUrl, signal });
  const programs: Program[] = [];
  const stop = async (): Promise<void> => {
    const [orchestrator, ...processors] = programs;
    await Promise.all(processors.map((program) => program.stop(STOP_MS)));
    await orchestrator?.stop(STOP_MS);
    await redis.stop();
  };
  try {
    const keys = keyNames({ hashTag: hashTagOf(redis.url) });
    say(`redis         ${redis.url} (${redis.origin})`);
    const port = await freePort();
    const orchestratorUrl = `http://127.0.0.1:${port}`;
    const start = (name: string, app: string, env: Record<string, string>): Program => {
      const main = join(ROOT, 'apps', app, 'src', 'main.ts');
      const program = startProgram({ name, main, env: { REDIS_URL: redis.url, ...env }, logDirectory });
      programs.push(program);
      return program;
    };
    // One camera's pictures must come to one processor, in order, for motion to be seen.
    const orchestrator = start('orchestrator', 'orchestrator', {
      PORT: String(port),
      ROUTING_STRATEGY: 'affinity',
      ORCHESTRATOR_ID: 'orchestrator-1',
    });
    await ready(orchestrator, `${orchestratorUrl}/health/ready`, signal);
    say(`orchestrator  ${orchestratorUrl}  (metrics at /metrics, books at /frames/ledger)`);
    const processors = Array.from({ length: count }, (_none, i) =>
      start(`processor-${i + 1}`, 'sample-processor', {
        ORCHESTRATOR_URL: orchestratorUrl,
        PROCESSOR_ID: `processor-${i + 1}`,
      }),
    );
    await registered(processors, orchestratorUrl, signal);
    say(`processors    ${processors.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ')}`);
    say(`logs          ${logDirectory}`);
    return { redisUrl: redis.url, orchestratorUrl, keys, orchestrator, processors, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ready(program: Program, url: string, signal: AbortSignal): Promise<void> {
  await poll(`${program.name} to be ready`, [program], signal, async () => (await fetch(url)).ok);
}

async function registered(
  processors: readonly Program[],
  orchestratorUrl: string,
  signal: AbortSignal,
): Promise<void> {
  await poll('the processors to register', processors, signal, async () => {
    const list = (await (await fetch(`${orchestratorUrl}/processors`)).json()) as { id: string }[];
    return processors.every(({ name }) => list.some(({ id }) => id === name));
  });
}

async function poll(
  what: string,
  programs: readonly Program[],
  signal: AbortSignal,
  done: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + START_MS;
  for (;;) {
    signal.throwIfAborted();
    if (await done().catch(() => false)) return;
    const dead = programs.find((program) => !program.running());
    if (dead)
      throw new Error(
        `${dead.name} ended while it was starting; its last words (${dead.logFile}):\n${dead.tail()}`,
      );
    if (performance.now() > deadline)
      throw new Error(`waited ${START_MS / 1000} s in vain for ${what}; see ${programs[0]?.logFile}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
