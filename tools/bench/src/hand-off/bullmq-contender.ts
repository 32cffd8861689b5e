import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { frameRecord } from '../frame-records.ts';
import { startProgram } from '../program.ts';
import type { Contender, ContenderOptions } from './contender.ts';

const MAIN = new URL('../programs/bullmq-mover.ts', import.meta.url);
const SOURCE = 'frames';
const JOBS_PER_BULK = 500;

/** The same job done with BullMQ: jobs of the same dozen fields, one worker process, as many queues. */
export function bullmqContender({ redis, redisUrl, frames, processors }: ContenderOptions): Contender {
  const targets = Array.from({ length: processors }, (_none, i) => `processor-${i + 1}`);
  return {
    name: 'BullMQ',
    frames,
    async start() {
      await addJobs(redis, frames);
      const settings = { redisUrl, source: SOURCE, targets };
      return {
        program: startProgram({ name: 'the BullMQ worker', main: MAIN, args: [JSON.stringify(settings)] }),
        async handedOff() {
          const [left, ...added] = await Promise.all([
            redis.llen(`bull:${SOURCE}:active`),
            ...targets.map((target) => redis.llen(`bull:${target}:wait`)),
          ]);
          // A job is done when it lies in its queue and is acknowledged.
          return added.reduce((sum, length) => sum + length, 0) - left;
        },
        momentsMs: () => momentsOfJobs(redis, targets),
      };
    },
  };
}

async function addJobs(redis: Redis, count: number): Promise<void> {
  const queue = new Queue(SOURCE, { connection: redis });
  for (let from = 0; from < count; from += JOBS_PER_BULK) {
    const length = Math.min(JOBS_PER_BULK, count - from);
    await queue.addBulk(
      Array.from({ length }, (_none, i) => ({ name: 'frame', data: frameRecord(from + i, Date.now()) })),
    );
  }
  // Its connection is ours and stays open.
  await queue.close();
}

/** A job bears the moment at which it was added. */
async function momentsOfJobs(redis: Redis, queues: readonly string[]): Promise<number[]> {
  const moments: number[] = [];
  for (const queue of queues) {
    const ids = await redis.lrange(`bull:${queue}:wait`, 0, -1);
    const stamps = await Promise.all(ids.map((id) => redis.hget(`bull:${queue}:${id}`, 'timestamp')));
    moments.push(...stamps.map(Number));
  }
  return moments;
}
