import { type Environment, namesRedis, readSettings } from '@frame-buffer/models';
import type { ProcessorOptions } from './options.ts';

/** Where the system is: the options that a processor may leave to its environment. */
export type EnvironmentOptions = Partial<Pick<ProcessorOptions, 'orchestratorUrl' | 'redisUrl' | 'apiToken'>>;

/** `ORCHESTRATOR_URL`, where Redis is (`REDIS_URL` or one of its kin) and `API_TOKEN`; what isn't set is left out. */
export function environmentOptions(env: Environment): EnvironmentOptions {
  const { text, redisUrl, faults } = readSettings(env);
  const url = redisUrl();
  const orchestratorUrl = text('ORCHESTRATOR_URL');
  const apiToken = text('API_TOKEN');
  return {
    ...(orchestratorUrl ? { orchestratorUrl } : {}),
    ...(apiToken ? { apiToken } : {}),
    // A faulty address is kept so: the check of the options names it.
    ...(namesRedis(env) ? { redisUrl: faults().length > 0 ? '' : url } : {}),
  };
}

/** The environment of this process; the only place that reads it. */
export const environment = (): Environment => process.env;
