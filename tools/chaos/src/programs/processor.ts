/** A processor whose work is to take its time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcessor } from '@frame-buffer/processor-client';
import { createLogger } from '@frame-buffer/telemetry';
import { CAPABILITIES } from '../traffic/frames.ts';
import { processorSettings } from './environment.ts';

const { id, orchestratorUrl, redisUrl, workMs, concurrency, leaseMs } = processorSettings();
const processor = createProcessor({
  id,
  capabilities: CAPABILITIES,
  concurrency,
  orchestratorUrl,
  redisUrl,
  leaseMs,
  logger: createLogger({
    level: 'info',
    format: 'json',
    service: 'chaos-processor',
    fields: { processor_id: id },
  }),
  process: async (_frame, { signal }) => {
    await sleep(workMs, undefined, { signal });
    return { pid: process.pid };
  },
});
await processor.run();
