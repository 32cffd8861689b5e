import { keyNames, MAX_CAPACITY } from '@frame-buffer/models';
import { publishRecords } from '../frame-records.ts';
import { startOrchestrator } from '../orchestrator.ts';
import { type Contender, type ContenderOptions, momentsOfEntries } from './contender.ts';

export interface OrchestratorContenderOptions extends ContenderOptions {
  readonly otlpEndpoint: string;
  readonly profileFolder: string | undefined;
}

/**
 * The orchestrator as it is: registered processors with credit for all frames, ledger, metrics, traces. Without telemetry, the same but for
 * metrics and traces, so that what these cost is known.
 */
export function orchestratorContender(
  options: OrchestratorContenderOptions,
  { telemetry = true }: { telemetry?: boolean } = {},
): Contender {
  const { redis, frames, processors } = options;
  const keys = keyNames();
  return {
    name: 'orchestrator',
    frames,
    async start() {
      const program = await startOrchestrator({ ...options, telemetry });
      try {
        const queues = await program.register(processors, MAX_CAPACITY);
        await program.pause();
        await publishRecords(redis, keys.input, frames);
        await program.resume();
        return {
          program,
          handedOff: async () => Number(await redis.hget(keys.ledger, 'handed_off')),
          momentsMs: () => momentsOfEntries(redis, queues),
        };
      } catch (error) {
        await program.stop();
        throw error;
      }
    },
  };
}
