import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startRedisInContainer } from '@frame-buffer/setup';
import type { RedisServer, RedisServerOptions } from './redis-server.ts';

const run = promisify(execFile);

/** The same server in a container: its verbs become those of the docker command. */
export async function startRedisContainer(options: RedisServerOptions): Promise<RedisServer> {
  const container = await startRedisInContainer({
    port: options.port,
    appendOnly: options.appendOnly,
    args: options.args,
  });
  const docker = async (...args: string[]): Promise<void> =>
    void (await run('docker', [...args, container.id]));
  return {
    url: `redis://${container.host}:${container.port}`,
    port: container.port,
    directory: '/data',
    get pid(): number {
      throw new Error('a Redis in a container has no process id on this machine');
    },
    stop: () => container.stop(),
    kill: () => docker('kill'),
    restart: () => docker('restart'),
    pause: () => docker('pause'),
    resume: () => docker('unpause'),
  };
}
