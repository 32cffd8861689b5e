import { randomBytes } from 'node:crypto';
import { freePort } from '@frame-buffer/testing';
import { composeOf } from './compose.ts';
import { testedTag } from './images.ts';

/** Compose itself waits until what others depend on is healthy. */
const UP_MS = 180_000;
/** Longer than `stop_grace_period`. */
const STOP_MS = 60_000;

/** Services of some of the files in docker/, up, under a name of their own. */
export interface Stack {
  readonly redisUrl: string;
  readonly orchestratorUrl: string;
  /** The container of a service that has one. */
  container(service: string): Promise<string>;
  /** SIGTERM, to a service. */
  stop(service: string): Promise<void>;
  /** With networks and volumes. */
  remove(): Promise<void>;
}

/**
 * @param files of docker/
 * @param env what the files take from the environment, beside version and ports
 * @throws Error with the last lines of the containers where they don't start; nothing is left of them then
 */
export async function startStack(
  files: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Stack> {
  const [redisPort, orchestratorPort] = [await freePort(), await freePort()];
  const compose = await composeOf({
    name: `frame-buffer-${randomBytes(3).toString('hex')}`,
    files,
    env: {
      FRAME_BUFFER_VERSION: testedTag(),
      REDIS_PUBLISHED_PORT: String(redisPort),
      ORCHESTRATOR_PUBLISHED_PORT: String(orchestratorPort),
      ...env,
    },
  });
  const remove = async (): Promise<void> =>
    void (await compose(STOP_MS * 2, 'down', '--volumes', '--timeout', '5'));
  try {
    await compose(UP_MS, 'up', '--detach', '--no-build');
  } catch (cause) {
    const logs = await compose(STOP_MS, 'logs', '--no-color', '--tail', '50').catch(String);
    await remove();
    throw new Error(`the stack does not start; its containers say:\n${logs}`, { cause });
  }
  return {
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    orchestratorUrl: `http://127.0.0.1:${orchestratorPort}`,
    async container(service) {
      const [container, ...others] = (await compose(STOP_MS, 'ps', '-q', service)).split(/\s+/);
      if (!container || others.length > 0) throw new Error(`${service} is not one container`);
      return container;
    },
    stop: async (service) => void (await compose(STOP_MS, 'stop', service)),
    remove,
  };
}
