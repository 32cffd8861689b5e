import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { clearRedis } from '../hand-off/clear-redis.ts';
import { handOffRate } from '../hand-off/hand-off-rate.ts';
import { orchestratorContender } from '../hand-off/orchestrator-contender.ts';
import { median } from '../median.ts';
import { waitFor } from '../wait.ts';
import { firstOf, type PairedCost, pairedCost } from './paired-cost.ts';

/** What metrics and traces (1 %) cost: the orchestrator beside itself without them. */
export interface TelemetryReport extends PairedCost {
  readonly pairs: number;
  /** Frames per second. */
  readonly withTelemetry: number;
  readonly without: number;
  /** CPU time of the orchestrator's process for each frame: what other programs do on the machine hardly shows in it. */
  readonly cpu: PairedCost & { readonly withNs: number; readonly withoutNs: number };
}

export interface TelemetryBenchOptions {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly otlpEndpoint: string;
  readonly pairs: number;
  readonly frames: number;
  readonly processors: number;
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

interface Measured {
  readonly framesPerSecond: number;
  readonly cpuNs: number;
}

/** Programs start cold: this share of each run is not measured. */
const WARM_UP_SHARE = 1 / 3;
/** The last spans leave a second after they ended, and are part of what traces cost. */
const LAST_SPANS_MS = 1_200;
const NS_PER_US = 1_000;
const NS_PER_S = 1e9;

export async function benchTelemetry(options: TelemetryBenchOptions): Promise<TelemetryReport> {
  const runs = { with: [] as Measured[], without: [] as Measured[] };
  for (let pair = 0; pair < options.pairs; pair++) {
    const first = firstOf(pair);
    for (const which of [first, first === 'with' ? 'without' : 'with'] as const) {
      const measured = await runOnce(which === 'with', options);
      runs[which].push(measured);
      options.say(
        `  pair ${pair + 1}/${options.pairs}  ${which.padEnd(7)} telemetry  ${Math.round(measured.framesPerSecond)} frames/s  ${Math.round(measured.cpuNs)} ns CPU a frame`,
      );
    }
  }
  const rates = (which: keyof typeof runs): number[] =>
    runs[which].map(({ framesPerSecond }) => framesPerSecond);
  const cpu = (which: keyof typeof runs): number[] => runs[which].map(({ cpuNs }) => cpuNs);
  const timeOf = (rate: number): number => NS_PER_S / rate;
  return {
    pairs: options.pairs,
    withTelemetry: median(rates('with')),
    without: median(rates('without')),
    ...pairedCost(rates('with').map(timeOf), rates('without').map(timeOf)),
    cpu: {
      withNs: median(cpu('with')),
      withoutNs: median(cpu('without')),
      ...pairedCost(cpu('with'), cpu('without')),
    },
  };
}

async function runOnce(telemetry: boolean, options: TelemetryBenchOptions): Promise<Measured> {
  const { redis, signal, frames } = options;
  await clearRedis(redis, signal);
  const { program, handedOff, momentsMs } = await orchestratorContender(options, { telemetry }).start();
  const awaitFrames = (count: number): Promise<number> =>
    waitForCount(handedOff, count, { what: `${count} frames to be handed off`, program, signal });
  try {
    const before = await awaitFrames(Math.ceil(frames * WARM_UP_SHARE));
    const cpuBeforeUs = await program.cpuUs();
    await awaitFrames(frames);
    await sleep(LAST_SPANS_MS, undefined, { signal });
    const cpuUs = (await program.cpuUs()) - cpuBeforeUs;
    return {
      framesPerSecond: handOffRate(await momentsMs(), WARM_UP_SHARE),
      cpuNs: (cpuUs * NS_PER_US) / (frames - before),
    };
  } finally {
    await program.stop();
  }
}

/** @returns the count that was at last enough */
async function waitForCount(
  counted: () => Promise<number>,
  enough: number,
  options: Parameters<typeof waitFor>[1],
): Promise<number> {
  let count = 0;
  await waitFor(async () => (count = await counted()) >= enough, options);
  return count;
}
