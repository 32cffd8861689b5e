/**
 * Processors as users write them, several in one process; their work on a frame is to wait for a timer.
 *
 * Argument, JSON: SimulationSettings
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcessor } from '@frame-buffer/processor-client';
import { serviceTimes } from '../plan/service-time.ts';
import { READY, type SimulationSettings } from './settings.ts';

const DRAIN_MS = 2_000;
const POLL_MS = 20;

const settings = JSON.parse(process.argv[2] ?? '') as SimulationSettings;
const drawMs = serviceTimes(settings.service, Math.random);
const processors = settings.processors.map(({ id, capabilities }) =>
  createProcessor({
    id,
    capabilities,
    concurrency: settings.concurrency,
    capacity: settings.capacity,
    orchestratorUrl: settings.orchestratorUrl,
    redisUrl: settings.redisUrl,
    timeoutMs: 0,
    drainMs: DRAIN_MS,
    process: async (_frame, { signal }) => {
      await sleep(drawMs(), undefined, { signal });
      return {};
    },
  }),
);
// Each of them listens for the signals that end it.
process.setMaxListeners(2 * processors.length);
const running = Promise.all(processors.map((processor) => processor.run()));
const ready = async (): Promise<void> => {
  while (!processors.every((processor) => processor.ready())) await sleep(POLL_MS);
  console.log(READY);
};
void ready();
await running;
