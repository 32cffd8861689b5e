import { createLogger, secretsIn } from '@frame-buffer/telemetry';
import { type Orchestrator, startOrchestrator } from './compose.ts';
import { environment, readConfig } from './config.ts';

const outcome = readConfig(environment());
if (!outcome.ok) {
  console.error(
    `The configuration has ${outcome.faults.length} fault(s):\n${outcome.faults.map((fault) => `  ${fault}`).join('\n')}`,
  );
  process.exit(2);
}
const { config } = outcome;
const logger = createLogger({
  level: config.logLevel,
  format: config.logFormat,
  secrets: secretsIn(environment()),
  service: 'orchestrator',
  fields: { orchestrator_id: config.orchestratorId },
});

let orchestrator: Orchestrator | undefined;
let stopping = false;
// Before the start, which waits for a Redis that is away: as the first process of a container nothing else would end it.
const stop = (signal: NodeJS.Signals): void => {
  logger.info(`${signal} received`);
  if (!orchestrator) return void exit(0);
  if (stopping) return;
  stopping = true;
  orchestrator.stop().then(
    () => exit(0),
    (error: unknown) => {
      logger.error('could not stop in order', { error });
      return exit(1);
    },
  );
};
/** Lines that were held back as repeated are written first. */
async function exit(code: number): Promise<never> {
  await logger.close();
  process.exit(code);
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  orchestrator = await startOrchestrator(config, logger);
} catch (error) {
  logger.error(`could not start: ${error instanceof Error ? error.message : String(error)}`);
  await exit(1);
}
