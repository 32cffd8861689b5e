import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { SHEDDING_POLICIES, type SheddingPolicyName } from '@frame-buffer/backpressure';
import {
  capabilityName,
  type Environment,
  hashTagOf,
  INPUT_GROUP,
  isReservedKey,
  keyNames,
  readSettings,
} from '@frame-buffer/models';

import type { SheddingConfig } from './shedding.ts';

export interface Config {
  redisUrl: string;
  port: number;
  host: string;
  /** undefined: `frames:metadata`. */
  inputStream: string | undefined;
  consumerGroup: string;
  orchestratorId: string;
  routingStrategy: (typeof STRATEGIES)[number];
  defaultCapability: string | undefined;
  logLevel: (typeof LOG_LEVELS)[number];
  logFormat: (typeof LOG_FORMATS)[number];
  otlpEndpoint: string | undefined;
  traceSampleRatio: number;
  /** A frame that takes longer is traced though it wasn't sampled. */
  traceSlowFrameMs: number;
  apiToken: string | undefined;
  /** Requests over HTTP from one address. */
  maxRequestsPerSecond: number;
  /** Attempts of a frame before it becomes a dead letter. */
  maxAttempts: number;
  /** Frames held in memory, waiting for credit. */
  maxWaiting: number;
  /** Label metrics by camera; switch off where there are thousands. */
  cameraLabel: boolean;
  /** Count frames for `GET /metrics`. */
  metrics: boolean;
  allowEviction: boolean;
  /** Frames wait in its queue, none is in process, and it hasn't read for so long: a processor is taken for hung. */
  silentQueueMs: number;
  /** Of the frames held in memory, for one capability where there are several. */
  waitingPerCapability: number;
  /** Frames left pending beyond that, of which only the ids are held. */
  maxParked: number;
  /** What becomes of frames beyond a capability's places. */
  shedding: SheddingConfig;
  circuit: CircuitConfig;
  /** Probes of the processors' health endpoints. */
  health: HealthConfig;
}

export interface HealthConfig {
  everyMs: number;
  timeoutMs: number;
  /** Probes fail, and frames of its queue are neither read nor finished, for so long: a processor counts as dead. */
  patienceMs: number;
}

/** When a processor is taken out of rotation for failing, and how it gets back. */
export interface CircuitConfig {
  /** Frames failed in a row that open its circuit. */
  failures: number;
  /** How long it stays open: the first time, and at most; in between it doubles. */
  openMs: number;
  maxOpenMs: number;
  /** A probe without an outcome by then has failed. */
  probeTimeoutMs: number;
  /** Frames in its queue and none finished for so long: from then on a failure each second. */
  stallMs: number;
}

export type ConfigOutcome =
  { readonly ok: true; readonly config: Config } | { readonly ok: false; readonly faults: readonly string[] };

const STRATEGIES = ['round_robin', 'least_loaded', 'affinity'] as const;
const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
const LOG_FORMATS = ['json', 'pretty'] as const;
const DAY_MS = 86_400_000;

/** The configuration from the environment: everything that is wrong with it at once, with name, value and what was expected. */
export function readConfig(env: Environment): ConfigOutcome {
  const settings = readSettings(env);
  const apiToken = settings.text('API_TOKEN');
  const redisUrl = settings.redisUrl();
  const keys = keyNames({ hashTag: hashTagOf(redisUrl) });
  const config: Config = {
    redisUrl,
    port: settings.number('PORT', 8002, { minimum: 0, maximum: 65_535 }),
    // Without a token anyone who reaches the port could change things, so it is reached from this machine only.
    host: settings.text('HOST') ?? (apiToken ? '0.0.0.0' : '127.0.0.1'),
    inputStream: settings.matching(
      'INPUT_STREAM',
      'a stream of captured frames, not another key of the protocol',
      (name) => !isReservedKey(name, keys, 'input'),
    ),
    consumerGroup: settings.text('CONSUMER_GROUP') ?? INPUT_GROUP,
    orchestratorId:
      settings.text('ORCHESTRATOR_ID') ?? `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    routingStrategy: settings.choice('ROUTING_STRATEGY', 'least_loaded', STRATEGIES),
    defaultCapability: settings.matching('DEFAULT_CAPABILITY', capabilityName.name, capabilityName.is),
    logLevel: settings.choice('LOG_LEVEL', 'info', LOG_LEVELS),
    logFormat: settings.choice('LOG_FORMAT', 'json', LOG_FORMATS),
    otlpEndpoint: settings.address('OTEL_EXPORTER_OTLP_ENDPOINT', ['http:', 'https:']),
    traceSampleRatio: settings.number('TRACE_SAMPLE_RATIO', 0.01, { minimum: 0, maximum: 1, whole: false }),
    // Forty times the p99 that the design asks for.
    traceSlowFrameMs: settings.number('TRACE_SLOW_FRAME_MS', 600, { minimum: 1, maximum: DAY_MS }),
    apiToken,
    // A page, tools and a few hundred processors that register at once stay well below it.
    maxRequestsPerSecond: settings.number('MAX_REQUESTS_PER_SECOND', 500, { minimum: 1, maximum: 1_000_000 }),
    maxAttempts: settings.number('MAX_ATTEMPTS', 3, { minimum: 1, maximum: 1_000 }),
    maxWaiting: settings.number('MAX_WAITING_FRAMES', 4_096, { minimum: 1, maximum: 1_000_000 }),
    cameraLabel: settings.flag('METRICS_CAMERA_LABEL', true),
    metrics: settings.flag('METRICS', true),
    allowEviction: settings.flag('ALLOW_EVICTION', false),
    // A reader asks again after its blocking read, a second or five.
    silentQueueMs: settings.number('SILENT_QUEUE_MS', 15_000, { minimum: 100, maximum: DAY_MS }),
    waitingPerCapability: settings.number('WAITING_PER_CAPABILITY', 1_024, {
      minimum: 1,
      maximum: 1_000_000,
    }),
    maxParked: settings.number('MAX_PARKED_FRAMES', 100_000, { minimum: 0, maximum: 10_000_000 }),
    shedding: {
      ...sheddingPolicies(
        settings.matching(
          'SHEDDING_POLICY',
          `one of ${SHEDDING_POLICIES.join(', ')}, or a list such as face_detection=drop_oldest,motion=deadline`,
          (text) => sheddingPolicies(text) !== undefined,
        ) ?? 'block',
      ),
      maxAgeMs: settings.number('FRAME_DEADLINE_MS', 1_000, { minimum: 1, maximum: DAY_MS }),
    } as SheddingConfig,
    circuit: {
      failures: settings.number('CIRCUIT_FAILURES', 5, { minimum: 1, maximum: 10_000 }),
      openMs: settings.number('CIRCUIT_OPEN_MS', 1_000, { minimum: 10, maximum: DAY_MS }),
      maxOpenMs: settings.number('CIRCUIT_MAX_OPEN_MS', 10_000, { minimum: 10, maximum: DAY_MS }),
      probeTimeoutMs: settings.number('CIRCUIT_PROBE_TIMEOUT_MS', 10_000, { minimum: 10, maximum: DAY_MS }),
      // As long as a processor of ours may take for a frame.
      stallMs: settings.number('CIRCUIT_STALL_MS', 30_000, { minimum: 100, maximum: DAY_MS }),
    },
    health: {
      everyMs: settings.number('HEALTH_PROBE_EVERY_MS', 5_000, { minimum: 10, maximum: DAY_MS }),
      timeoutMs: settings.number('HEALTH_PROBE_TIMEOUT_MS', 2_000, { minimum: 10, maximum: DAY_MS }),
      // Half as long again as a processor of ours may take for a frame.
      patienceMs: settings.number('HEALTH_PROBE_PATIENCE_MS', 45_000, { minimum: 2_000, maximum: DAY_MS }),
    },
  };
  const faults = settings.faults();
  return faults.length > 0 ? { ok: false, faults } : { ok: true, config };
}

/** The environment of this process; the only place that reads it. */
export const environment = (): Environment => process.env;

const isPolicy = (name: string | undefined): name is SheddingPolicyName =>
  SHEDDING_POLICIES.some((policy) => policy === name);

/** `block`, or `capability=policy,...`, with one policy for all others among them. @returns undefined for anything else */
function sheddingPolicies(text: string): Omit<SheddingConfig, 'maxAgeMs'> | undefined {
  const byCapability = new Map<string, SheddingPolicyName>();
  let otherwise: SheddingPolicyName = 'block';
  for (const item of text.split(',')) {
    const [capability = '', policy, more] = item.split('=').map((part) => part.trim());
    if (policy === undefined && isPolicy(capability)) otherwise = capability;
    else if (more === undefined && capabilityName.is(capability) && isPolicy(policy))
      byCapability.set(capability, policy);
    else return undefined;
  }
  return { otherwise, byCapability };
}
