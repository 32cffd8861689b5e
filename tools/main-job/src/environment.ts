import { namesRedis, readSettings } from '@frame-buffer/models';

/** What the main job takes from the environment: a Redis that is there already, and a colourless or piped terminal. */
export interface MainJobEnvironment {
  readonly redisUrl: string | undefined;
  readonly orchestratorUrl: string | undefined;
}

export const environment = (): MainJobEnvironment => ({
  redisUrl: namesRedis(process.env) ? readSettings(process.env).redisUrl() : undefined,
  orchestratorUrl: process.env['ORCHESTRATOR_URL'] || undefined,
});
