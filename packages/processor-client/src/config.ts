import { type Environment, readSettings } from '@frame-buffer/models';
import type { ProcessorOptions } from './options.ts';

/** Where the system is: the options that a processor may leave to its environment. */
export type EnvironmentOptions = Partial<Pick<ProcessorOptions, 'orchestratorUrl' | 'redisUrl' | 'apiToken'>>;

/** `ORCHESTRATOR_URL`, `REDIS_URL` (or `REDIS_HOST`, `REDIS_PORT`) and `API_TOKEN`; what isn't set is left out. */
export function environmentOptions(env: Environment): EnvironmentOptions {
  const { text, redisUrl } = readSettings(env);
  const orchestratorUrl = text('ORCHESTRATOR_URL');
  const apiToken = text('API_TOKEN');
  const namesRedis = ['REDIS_URL', 'REDIS_HOST', 'REDIS_PORT'].some((name) => text(name) !== undefined);
  return {
    ...(orchestratorUrl ? { orchestratorUrl } : {}),
    ...(apiToken ? { apiToken } : {}),
    // A faulty address is kept as it is: the check of the options names it.
    ...(namesRedis ? { redisUrl: text('REDIS_URL') ?? redisUrl() } : {}),
  };
}

/** The environment of this process; the only place that reads it. */
export const environment = (): Environment => process.env;
