/**
 * The orchestrator's job done with BullMQ: one worker takes each job and adds it to one of the target queues, round robin.
 *
 * Settings: many jobs at once, because each waits for two round trips (its add; its completion, which fetches the next job): of 10 to
 * 500, 100 to 400 came out alike and best, within the noise. One connection for all target queues, so that adds leave together;
 * jobs removed on completion; no automatic pipelining, which made it slower. Not addBulk: it takes jobs of one queue, and jobs
 * are fetched and acknowledged one by one, so a worker would have to hold finished jobs back to have some to bundle.
 *
 * Argument, JSON: { redisUrl, source, targets }
 */
import { connectRedis } from '@frame-buffer/stream-consumer';
import { Queue, Worker } from 'bullmq';

interface Settings {
  readonly redisUrl: string;
  readonly source: string;
  readonly targets: readonly string[];
}

const CONCURRENCY = 200;

const { redisUrl, source, targets } = JSON.parse(process.argv[2] ?? '') as Settings;
const connection = connectRedis(redisUrl);
const queues = targets.map((name) => new Queue(name, { connection }));
await Promise.all(queues.map((queue) => queue.waitUntilReady()));

let moved = 0;
const worker = new Worker(
  source,
  async (job) => {
    const queue = queues[moved++ % queues.length] as Queue;
    await queue.add(job.name, job.data);
  },
  { connection: connectRedis(redisUrl), concurrency: CONCURRENCY, removeOnComplete: { count: 0 } },
);
worker.on('error', (error) => console.error(error.message));
