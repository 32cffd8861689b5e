/** The environment, in this one place; options go first. */
export interface ValidateEnvironment {
  readonly redisUrl: string;
  readonly orchestratorUrl: string;
  readonly apiToken: string | undefined;
}

export const environment = (): ValidateEnvironment => ({
  redisUrl: process.env['REDIS_URL'] || 'redis://127.0.0.1:6379',
  orchestratorUrl: process.env['ORCHESTRATOR_URL'] || 'http://127.0.0.1:8002',
  apiToken: process.env['API_TOKEN'] || undefined,
});
