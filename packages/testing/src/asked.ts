import { Redis } from 'ioredis';

/** Asks the server on a port of this machine something, on a connection for nothing else. */
export async function asked<T>(port: number, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port, host: '127.0.0.1', enableReadyCheck: false });
  try {
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

/** Whether the server on this port is a replica that has all of its primary's data. One that never had can't take its place. */
export const isInSync = (port: number): Promise<boolean> =>
  asked(port, async (redis) => (await redis.info('replication')).includes('master_link_status:up'));
