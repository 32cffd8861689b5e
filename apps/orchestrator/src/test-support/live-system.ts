import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keyNames } from '@frame-buffer/models';
import { silentLogger } from '@frame-buffer/telemetry';
import { frameRecord, type RedisServer, startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from '../compose.ts';
import { readConfig } from '../config.ts';

/** Redis, an orchestrator, processors that are programs, and cameras, for tests that look from outside. */
export interface LiveSystem {
  readonly redis: Redis;
  readonly url: string;
  processor(id: string, capability: string): ChildProcess;
  /** The sample processor, as it is run. @param healthPort where it shows its metrics */
  sampleProcessor(id: string, capability: string, healthPort: number): ChildProcess;
  /** Publishes until it is stopped. @returns what stops it */
  cameras(names: readonly string[], everyMs: number, capability: string): () => void;
  publish(frameId: string, overrides?: Record<string, string>): Promise<unknown>;
  /** Ends the orchestrator alone; `up` starts it again at the same address. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('./processor-program.ts', import.meta.url));
const SAMPLE_PROCESSOR = fileURLToPath(new URL('../../../sample-processor/src/main.ts', import.meta.url));
const keys = keyNames();

export async function startLiveSystem(env: Record<string, string> = {}): Promise<LiveSystem> {
  const server: RedisServer = await startRedis();
  const redis = new Redis(server.url);
  const orchestrate = (port: string): Promise<Orchestrator> => {
    const outcome = readConfig({ REDIS_URL: server.url, PORT: port, HOST: '127.0.0.1', ...env });
    if (!outcome.ok) throw new Error(outcome.faults.join());
    return startOrchestrator(outcome.config, silentLogger);
  };
  let orchestrator = await orchestrate('0');
  const { url } = orchestrator;
  const children: ChildProcess[] = [];
  const timers: NodeJS.Timeout[] = [];
  let published = 0;

  function start(args: readonly string[], more: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, ['--conditions=@frame-buffer/source', ...args], {
      env: {
        PATH: process.env['PATH'],
        ORCHESTRATOR_URL: url,
        REDIS_URL: server.url,
        ...(env['API_TOKEN'] ? { API_TOKEN: env['API_TOKEN'] } : {}),
        ...more,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    children.push(child);
    return child;
  }

  const publish = (frameId: string, overrides: Record<string, string> = {}): Promise<unknown> => {
    const record = frameRecord({
      frame_id: frameId,
      timestamp: new Date().toISOString(),
      metadata: '',
      ...overrides,
    });
    return redis.xadd(keys.input, '*', ...Object.entries(record).flat());
  };

  return {
    redis,
    url,
    publish,
    processor: (id, capability) => start([PROGRAM, id, capability]),
    sampleProcessor: (id, capability, healthPort) =>
      start([SAMPLE_PROCESSOR], {
        PROCESSOR_ID: id,
        PROCESSOR_CAPABILITIES: capability,
        HEALTH_PORT: String(healthPort),
        LOG_LEVEL: 'error',
      }),
    cameras(names, everyMs, capability) {
      const timer = setInterval(() => {
        for (const camera of names) {
          const overrides = { camera_id: camera, detection_type: capability };
          void publish(`${camera}-${published++}`, overrides).catch(() => {});
        }
      }, everyMs);
      timers.push(timer);
      return () => clearInterval(timer);
    },
    down: () => orchestrator.stop(),
    async up() {
      orchestrator = await orchestrate(new URL(url).port);
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      for (const child of children) child.kill('SIGKILL');
      await orchestrator.stop();
      redis.disconnect();
      await server.stop();
    },
  };
}
