import { environment, environmentOptions } from './config.ts';
import {
  capabilityName,
  type Environment,
  MAX_CAPACITY,
  MAX_LEASE_MS,
  MIN_LEASE_MS,
  parseRedisAddress,
  processorId,
  shown,
} from '@frame-buffer/models';
import type { ProcessFrame } from './frame.ts';
import { type ProcessorPorts, silentPorts } from './ports.ts';

export interface ProcessorOptions extends ProcessorPorts {
  /** Unique among all processors; two runs under one id are refused. */
  id: string;
  capabilities: readonly string[];
  /** What is done to a frame: returns the result's fields, or throws to give the frame back. */
  process: ProcessFrame;
  /** Frames in process at once. */
  concurrency: number;
  /** Frames outstanding at once, queued and in process: a small reserve keeps the processor busy while the next ones come. */
  capacity: number;
  /** A frame that takes longer has failed; its `signal` is aborted. 0: no limit. */
  timeoutMs: number;
  /** Silence after which this processor is taken for dead and its frames are given to others. */
  leaseMs: number;
  /** How long a stopping processor may finish what it has; the rest goes back. */
  drainMs: number;
  orchestratorUrl: string;
  redisUrl: string;
  /** Stream of the results; the orchestrator's where it isn't given. */
  resultStream: string | undefined;
  /** Sent as a bearer token, where the orchestrator asks for one. */
  apiToken: string | undefined;
  /** Cameras it serves; all where it isn't given. */
  cameras: readonly string[] | undefined;
  /** For probes by the orchestrator. */
  healthEndpoint: string | undefined;
  /** Prefix of the frame keys. */
  keyPrefix: string;
  /** Anything worth showing beside the processor. */
  metadata: Record<string, unknown> | undefined;
}

/** What has no default: the rest of `ProcessorOptions` may be left out. */
export type RequiredOptions = Pick<ProcessorOptions, 'id' | 'capabilities' | 'process'>;

const DEFAULTS: Omit<ProcessorOptions, keyof RequiredOptions | 'capacity'> = {
  concurrency: 1,
  timeoutMs: 30_000,
  // A crash is noticed in five seconds; three heartbeats fit in between.
  leaseMs: 5_000,
  drainMs: 10_000,
  orchestratorUrl: 'http://127.0.0.1:8002',
  redisUrl: 'redis://127.0.0.1:6379',
  resultStream: undefined,
  apiToken: undefined,
  cameras: undefined,
  healthEndpoint: undefined,
  keyPrefix: 'frames:',
  metadata: undefined,
  ...silentPorts,
};

const MAX_TIMEOUT_MS = 86_400_000;

/** @throws RangeError that names every option out of bounds, its bounds and its value */
export function completeOptions(
  given: RequiredOptions & Partial<ProcessorOptions>,
  env: Environment = environment(),
): ProcessorOptions {
  const concurrency = given.concurrency ?? DEFAULTS.concurrency;
  const options: ProcessorOptions = {
    ...DEFAULTS,
    ...environmentOptions(env),
    ...withoutUndefined(given),
    concurrency,
    capacity: given.capacity ?? 2 * concurrency,
  };
  const faults = [
    check('id', options.id, processorId.name, processorId.is(options.id)),
    check(
      'capabilities',
      options.capabilities,
      `a list of at least one, each ${capabilityName.name}`,
      Array.isArray(options.capabilities) &&
        options.capabilities.length > 0 &&
        options.capabilities.every(capabilityName.is),
    ),
    check('process', options.process, 'a function', typeof options.process === 'function'),
    range('concurrency', options.concurrency, 1, MAX_CAPACITY),
    range('capacity', options.capacity, Math.max(1, Math.min(concurrency || 1, MAX_CAPACITY)), MAX_CAPACITY),
    range('timeoutMs', options.timeoutMs, 0, MAX_TIMEOUT_MS),
    range('leaseMs', options.leaseMs, MIN_LEASE_MS, MAX_LEASE_MS),
    range('drainMs', options.drainMs, 0, MAX_TIMEOUT_MS),
    // fetch takes no user and password in an address, and an address may hold some: they are not shown.
    check(
      'orchestratorUrl',
      undefined,
      'an http or https address without user and password',
      isHttp(options.orchestratorUrl),
    ),
    check(
      'redisUrl',
      undefined,
      'an address that starts with redis://, rediss://, redis-sentinel:// or redis-cluster://, or hosts in REDIS_SENTINELS or REDIS_CLUSTER_NODES',
      parseRedisAddress(options.redisUrl) !== undefined,
    ),
  ].filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new RangeError(faults.join('; '));
  return options;
}

/** @param value undefined: it isn't shown */
function check(name: string, value: unknown, expected: string, holds: boolean): string | undefined {
  if (holds) return undefined;
  return `${name}: expected ${expected}${value === undefined ? '' : `, found ${typeof value === 'number' ? value : shown(value)}`}`;
}

function range(name: string, value: number, minimum: number, maximum: number): string | undefined {
  const holds = Number.isInteger(value) && value >= minimum && value <= maximum;
  return check(name, value ?? 'nothing', `a whole number from ${minimum} to ${maximum}`, holds);
}

function isHttp(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

function withoutUndefined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
