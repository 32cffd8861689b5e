import { connectRedis } from '@frame-buffer/stream-consumer';
import { type RedisServer, startRedis, startTcpProxy, type TcpProxy, until } from '@frame-buffer/testing';
import { forwardPort, type Forwarded } from './forwarded.ts';

/** The Redis of a scenario: one server with an append-only file and, where a scenario promotes it, a replica. */
export interface Store {
  /** Where everyone reaches the primary, also after another server became it. */
  readonly port: number;
  readonly url: string;
  /** The primary of the beginning. */
  readonly server: RedisServer;
  /** From now on nothing is replicated. @throws Error without a replica */
  stallReplication(): void;
  /** Kills the primary; the replica takes its place, at the same address. @throws Error without a replica */
  promote(): Promise<void>;
  promoted(): boolean;
  stop(): Promise<void>;
}

interface Replica {
  readonly server: RedisServer;
  readonly link: TcpProxy;
}

export async function startStore({ hasReplica }: { hasReplica: boolean }): Promise<Store> {
  const server = await startRedis({ appendOnly: true });
  let forwarded: Forwarded | undefined;
  let replica: Replica | undefined;
  const stop = async (): Promise<void> => {
    await forwarded?.stop();
    await replica?.link.stop();
    await replica?.server.stop();
    await server.stop();
  };
  try {
    if (hasReplica) replica = await startReplica(server.port);
  } catch (error) {
    await stop();
    throw error;
  }
  const needed = (): Replica => {
    if (!replica) throw new Error('this scenario has no replica: set replica: true');
    return replica;
  };
  return {
    port: server.port,
    url: server.url,
    server,
    stallReplication: () => needed().link.stall('down'),
    async promote() {
      const { server: heir, link } = needed();
      await server.kill();
      // What is still held back on the link died with the primary.
      await link.stop();
      await command(heir.url, (redis) => redis.call('REPLICAOF', 'NO', 'ONE'));
      forwarded = await forwardPort(server.port, heir.port);
    },
    promoted: () => forwarded !== undefined,
    stop,
  };
}

async function startReplica(primaryPort: number): Promise<Replica> {
  const link = await startTcpProxy(primaryPort);
  const server = await startRedis({
    appendOnly: true,
    args: ['--replicaof', '127.0.0.1', String(link.port)],
  });
  await command(server.url, (redis) =>
    until(async () => (await redis.info('replication')).includes('master_link_status:up'), {
      what: 'the replica to be in sync',
    }),
  );
  return { server, link };
}

async function command<T>(
  url: string,
  run: (redis: ReturnType<typeof connectRedis>) => Promise<T>,
): Promise<T> {
  const redis = connectRedis(url, { name: 'chaos-store' });
  try {
    return await run(redis);
  } finally {
    redis.disconnect();
  }
}
