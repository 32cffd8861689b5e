import { hostname } from 'node:os';
import { capabilityName, type Environment, processorId, readSettings } from '@frame-buffer/models';
import { MOTION_DETECTION, SAMPLE_PROCESSING } from './process-frame.ts';

export interface Config {
  redisUrl: string;
  orchestratorUrl: string;
  processorId: string;
  capabilities: readonly string[];
  maxConcurrentFrames: number;
  resultStream: string | undefined;
  /** undefined: no health server. */
  healthPort: number | undefined;
  healthHost: string;
  apiToken: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  logFormat: (typeof LOG_FORMATS)[number];
  otlpEndpoint: string | undefined;
  traceSampleRatio: number;
  /** A frame that takes longer is traced though it wasn't sampled. */
  traceSlowFrameMs: number;
}

export type ConfigOutcome =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly string[] };

const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const LOG_FORMATS = ['json', 'pretty'] as const;
const KNOWN: readonly string[] = [SAMPLE_PROCESSING, MOTION_DETECTION];
const NO_HEALTH_SERVER = -1;

/** The configuration from the environment, or everything that is wrong with it. */
export function readConfig(env: Environment): ConfigOutcome {
  const settings = readSettings(env);
  const list = settings.matching(
    'PROCESSOR_CAPABILITIES',
    `one or several with commas between them, each ${capabilityName.name}`,
    (given) => splitList(given).length > 0 && splitList(given).every(capabilityName.is),
  );
  const healthPort = settings.number('HEALTH_PORT', NO_HEALTH_SERVER, { minimum: 0, maximum: 65_535 });
  const config: Config = {
    redisUrl: settings.redisUrl(),
    orchestratorUrl: settings.address('ORCHESTRATOR_URL', ['http:', 'https:']) ?? 'http://127.0.0.1:8002',
    processorId: settings.matching('PROCESSOR_ID', processorId.name, processorId.is) ?? ownId(),
    capabilities: list === undefined ? KNOWN : splitList(list),
    maxConcurrentFrames: settings.number('MAX_CONCURRENT_FRAMES', 4, { minimum: 1, maximum: 1_000 }),
    resultStream: settings.text('RESULT_STREAM'),
    healthPort: healthPort === NO_HEALTH_SERVER ? undefined : healthPort,
    healthHost: settings.text('HEALTH_HOST') ?? '127.0.0.1',
    apiToken: settings.text('API_TOKEN'),
    logLevel: settings.choice('LOG_LEVEL', 'info', LOG_LEVELS),
    logFormat: settings.choice('LOG_FORMAT', 'json', LOG_FORMATS),
    otlpEndpoint: settings.address('OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:']),
    traceSampleRatio: settings.number('TRACE_SAMPLE_RATIO', 0.01, { minimum: 0, maximum: 1, whole: false }),
    traceSlowFrameMs: settings.number('TRACE_SLOW_FRAME_MS', 600, { minimum: 1, maximum: 86_400_000 }),
  };
  const faults = settings.faults();
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

/** Another one for each process; host names may have characters that ids have not. */
const ownId = (): string =>
  `sample-${hostname()
    .slice(0, 64)
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')}-${process.pid}`;

const splitList = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean);

/** The environment of this process; the only place that reads it. */
export const environment = (): Environment => process.env;
