import { createProcessor } from '@frame-buffer/processor-client';
import { createLogger, createProcessorMetrics, secretsIn, startTracing } from '@frame-buffer/telemetry';
import { environment, readConfig } from './config.ts';
import { type HealthServer, startHealthServer } from './health-server.ts';
import { createMotionDetector } from './motion-detector.ts';
import { createProcessFrame } from './process-frame.ts';

const BAD_CONFIGURATION = 2;

const outcome = readConfig(environment());
if (!outcome.ok) {
  console.error(`The configuration has ${outcome.faults.length} fault(s):\n  ${outcome.faults.join('\n  ')}`);
  process.exit(BAD_CONFIGURATION);
}
const { config } = outcome;
const service = 'frame-buffer-sample-processor';
const logger = createLogger({
  level: config.logLevel,
  format: config.logFormat,
  secrets: secretsIn(environment()),
  service,
  fields: { processor_id: config.processorId },
});
const tracing = startTracing({
  serviceName: service,
  otlpEndpoint: config.otlpEndpoint,
  sampleRatio: config.traceSampleRatio,
  slowFrameMs: config.traceSlowFrameMs,
  instanceId: config.processorId,
  onSpansLost: (spans, error) => logger.warn(`spans of traces are lost: ${error.message}`, { spans }),
});
const metrics = createProcessorMetrics({ processorId: config.processorId });

let health: HealthServer | undefined;
try {
  const processor = createProcessor({
    id: config.processorId,
    capabilities: config.capabilities,
    concurrency: config.maxConcurrentFrames,
    process: createProcessFrame(createMotionDetector()),
    orchestratorUrl: config.orchestratorUrl,
    redisUrl: config.redisUrl,
    resultStream: config.resultStream,
    apiToken: config.apiToken,
    logger,
    trace: tracing.processing,
    onFrame: metrics.onFrame,
  });
  metrics.observe({ activeTasks: processor.active });
  if (config.healthPort !== undefined) {
    const { healthPort: port, healthHost: host } = config;
    health = await startHealthServer({ port, host, ready: processor.ready, metrics });
    logger.info(`health and metrics at ${health.url}`);
  }
  await processor.run();
} catch (error) {
  logger.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await health?.close();
  await tracing.shutdown();
  await logger.close();
}
