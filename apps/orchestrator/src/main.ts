import { createLogger } from '@frame-buffer/telemetry';
import { startOrchestrator } from './compose.ts';
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
  service: 'orchestrator',
  fields: { orchestrator_id: config.orchestratorId },
});

try {
  const orchestrator = await startOrchestrator(config, logger);
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    logger.info(`${signal} received`);
    orchestrator.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error('could not stop in order', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  logger.error(`could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
