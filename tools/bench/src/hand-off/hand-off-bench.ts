import type { Redis } from 'ioredis';
import { median, medianRatio } from '../median.ts';
import { waitFor } from '../wait.ts';
import { bareLoopContender } from './bare-loop-contender.ts';
import { bullmqContender } from './bullmq-contender.ts';
import { clearRedis } from './clear-redis.ts';
import type { Contender } from './contender.ts';
import { handOffRate } from './hand-off-rate.ts';
import { orchestratorContender } from './orchestrator-contender.ts';

export interface HandOffReport {
  /** Of one orchestrator process. */
  readonly framesPerSecond: number;
  readonly bareLoop: number;
  readonly ratioToBareLoop: number;
  readonly bullmq: number;
  readonly ratioToBullmq: number;
}

export interface HandOffBenchOptions {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly otlpEndpoint: string;
  readonly rounds: number;
  readonly frames: number;
  /** BullMQ's frames: it is slower, and need not take longer. */
  readonly bullmqFrames: number;
  readonly processors: number;
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** Programs start cold: this share of each run is not measured. */
const WARM_UP_SHARE = 1 / 3;

/** Hand-off rates of the contenders, who take turns on the same Redis. Rates are medians, ratios medians of the rounds' ratios. */
export async function benchHandOff(options: HandOffBenchOptions): Promise<HandOffReport> {
  const contenders = [
    orchestratorContender(options),
    bareLoopContender(options),
    bullmqContender({ ...options, frames: options.bullmqFrames }),
  ] as const;
  const rates = contenders.map((): number[] => []);
  for (let round = 0; round < options.rounds; round++) {
    // Nobody always comes first.
    for (let turn = 0; turn < contenders.length; turn++) {
      const index = (round + turn) % contenders.length;
      const contender = contenders[index] as Contender;
      const rate = await runOnce(contender, options);
      rates[index]?.push(rate);
      options.say(
        `  round ${round + 1}/${options.rounds}  ${contender.name.padEnd(12)} ${Math.round(rate)} frames/s`,
      );
    }
  }
  const [orchestrator = [], bareLoop = [], bullmq = []] = rates;
  return {
    framesPerSecond: median(orchestrator),
    bareLoop: median(bareLoop),
    ratioToBareLoop: medianRatio(orchestrator, bareLoop),
    bullmq: median(bullmq),
    ratioToBullmq: medianRatio(orchestrator, bullmq),
  };
}

async function runOnce(contender: Contender, { redis, signal }: HandOffBenchOptions): Promise<number> {
  await clearRedis(redis, signal);
  const { program, handedOff, momentsMs } = await contender.start();
  try {
    await waitFor(async () => (await handedOff()) >= contender.frames, {
      what: `${contender.frames} frames to be handed off`,
      program,
      signal,
    });
    const moments = await momentsMs();
    if (moments.length !== contender.frames)
      throw new Error(
        `${program.name}: ${moments.length} frames in the queues instead of ${contender.frames}`,
      );
    return handOffRate(moments, WARM_UP_SHARE);
  } finally {
    await program.stop();
  }
}
