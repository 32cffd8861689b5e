import { PROCESSOR_GROUP } from '@frame-buffer/models';
import type { Redis } from 'ioredis';
import { startOrchestrator } from '../orchestrator.ts';
import { startProgram } from '../program.ts';

export interface LatencyReport {
  readonly fps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How many were measured. */
  readonly frames: number;
}

export interface LatencyBenchOptions {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly otlpEndpoint: string;
  readonly processors: number;
  readonly fps: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
}

const MAIN = new URL('../programs/cameras-and-processors.ts', import.meta.url);
/** Frames that each processor takes at once: usual for one that works on several. */
const CAPACITY = 64;

/** From capture to processor, through a real orchestrator, at a rate that it can hold. */
export async function benchLatency(options: LatencyBenchOptions): Promise<LatencyReport> {
  const { redis, redisUrl, fps, signal } = options;
  await redis.flushall();
  const orchestrator = await startOrchestrator(options);
  try {
    const queues = await orchestrator.register(options.processors, CAPACITY);
    const settings = {
      redisUrl,
      queues,
      group: PROCESSOR_GROUP,
      capacity: CAPACITY,
      fps,
      frames: fps * options.seconds,
      warmUp: fps * options.warmUpSeconds,
    };
    const ends = startProgram({
      name: 'cameras and processors',
      main: MAIN,
      args: [JSON.stringify(settings)],
    });
    const stop = (): void => void ends.stop();
    signal.addEventListener('abort', stop);
    try {
      return JSON.parse(await ends.result()) as LatencyReport;
    } finally {
      signal.removeEventListener('abort', stop);
      await ends.stop();
    }
  } finally {
    await orchestrator.stop();
  }
}
