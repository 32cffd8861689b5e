import { provideRedis } from '@frame-buffer/setup';
import { connectRedis } from '@frame-buffer/stream-consumer';
import { benchHandOff } from './hand-off/hand-off-bench.ts';
import { benchLatency } from './latency/latency-bench.ts';
import { benchBreaker } from './micro/breaker-bench.ts';
import { benchPriorityQueue } from './micro/priority-queue-bench.ts';
import type { BenchOptions, Part } from './options.ts';
import type { BenchReport } from './report.ts';
import { benchRouting } from './routing/routing-bench.ts';
import { benchTelemetry } from './telemetry/telemetry-bench.ts';
import { startTraceSink } from './trace-sink.ts';

interface Size {
  readonly frames: number;
  readonly bullmqFrames: number;
  readonly telemetryFrames: number;
  readonly decisions: number;
  readonly latencySeconds: number;
  readonly warmUpSeconds: number;
}

const PROCESSORS = 50;
const FPS = 1000;
/** Three to six seconds for each run of a contender. */
const FULL: Size = {
  frames: 180_000,
  bullmqFrames: 60_000,
  telemetryFrames: 75_000,
  decisions: 500_000,
  latencySeconds: 20,
  warmUpSeconds: 3,
};
const QUICK: Size = {
  frames: 12_000,
  bullmqFrames: 3_000,
  telemetryFrames: 12_000,
  decisions: 20_000,
  latencySeconds: 2,
  warmUpSeconds: 1,
};

export interface RunBenchOptions extends BenchOptions {
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** The benchmarks that are asked for, one after the other, on a Redis of their own with an append-only file, as in production. */
export async function runBench(options: RunBenchOptions): Promise<Partial<BenchReport>> {
  const { say, signal } = options;
  const size = options.quick ? QUICK : FULL;
  // Never one that exists already: it is emptied again and again.
  const provided = await provideRedis({ signal });
  const redis = connectRedis(provided.url, { name: 'bench' });
  const sink = await startTraceSink();
  try {
    // The rewrite of the file would begin at a moment that no contender chose. Between the runs it is done on purpose.
    await redis.config('SET', 'auto-aof-rewrite-percentage', '0');
    say(`redis ${provided.url} (${provided.origin}), ${PROCESSORS} processors`);
    const common = {
      ...options,
      redis,
      redisUrl: provided.url,
      otlpEndpoint: sink.url,
      processors: PROCESSORS,
    };
    const benches: { [P in Part]: () => Promise<BenchReport[P]> | BenchReport[P] } = {
      handoff() {
        say(`hand-off: ${size.frames} frames (BullMQ ${size.bullmqFrames}) a run, taking turns`);
        return benchHandOff({ ...common, frames: size.frames, bullmqFrames: size.bullmqFrames });
      },
      telemetry() {
        say(`telemetry: ${size.telemetryFrames} frames a run, with and without in turns`);
        return benchTelemetry({ ...common, frames: size.telemetryFrames });
      },
      latency() {
        say(`latency: ${FPS} frames/s for ${size.latencySeconds} s`);
        const { latencySeconds: seconds, warmUpSeconds } = size;
        return benchLatency({ ...common, fps: FPS, seconds, warmUpSeconds });
      },
      routing() {
        say(`routing: ${size.decisions} decisions a run`);
        return benchRouting({ decisions: size.decisions, say });
      },
      breaker: () => benchBreaker(size.decisions),
      priorityQueue: () => benchPriorityQueue(size.decisions),
    };
    const report: { -readonly [P in Part]?: BenchReport[Part] } = {};
    for (const part of options.parts) report[part] = await benches[part]();
    return report as Partial<BenchReport>;
  } finally {
    redis.disconnect();
    await sink.close();
    await provided.stop();
  }
}
