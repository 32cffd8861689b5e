import { connectRedis } from '@frame-buffer/stream-consumer';
import {
  isInSync,
  type RedisServer,
  startRedis,
  startRedisCluster,
  startSentinels,
  startTcpProxy,
  type TcpProxy,
  until,
} from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { within } from '../within.ts';
import { forwardPort, type Forwarded } from './forwarded.ts';

/** The Redis of a scenario: one server with an append-only file, or several with someone who takes over. */
export interface Store {
  /** Where everyone reaches the primary of the beginning. */
  readonly port: number;
  /** Where everyone finds the primary, also after another server became it. */
  readonly url: string;
  /** Whether workers find it by `url` and not by way of their links, which lead to one server only. */
  readonly isGroup: boolean;
  /** The primary of the beginning. */
  readonly server: RedisServer;
  /** From now on nothing is replicated. @throws Error without a replica of our own */
  stallReplication(): void;
  /** Kills or halts the primary; returns when another server has taken its place. What can come back then does. @throws Error without a replica */
  promote(how?: 'kill' | 'pause'): Promise<void>;
  /** Runs something on the primary of the moment. */
  command<T>(run: (redis: Redis) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

/** `replica`: we promote it ourselves. `sentinel`, `cluster`: they do it by themselves. */
export type StoreKind = 'single' | 'replica' | 'sentinel' | 'cluster';

const STARTERS: Readonly<Record<StoreKind, () => Promise<Store>>> = {
  single: startSingle,
  replica: startWithReplica,
  sentinel: startWithSentinels,
  cluster: startCluster,
};

export const startStore = (kind: StoreKind): Promise<Store> => STARTERS[kind]();

/** Longer than they need to agree. */
const FAILS_OVER_WITHIN_MS = 30_000;

/** Longer than a command to a server that answers takes; a new primary is asked for anew. */
const COMMAND_WITHIN_MS = 5_000;

const refuse = (): never => {
  throw new Error("this scenario's Redis can't do that: see its setup");
};

async function startSingle(): Promise<Store> {
  const server = await startRedis({ appendOnly: true });
  const { port, url } = server;
  return {
    ...{ port, url, isGroup: false, server, stallReplication: refuse, promote: refuse },
    command: (run) => command(url, run),
    stop: server.stop,
  };
}

async function startWithReplica(): Promise<Store> {
  const single = await startSingle();
  const { heir, link } = await startReplica(single.port).catch(async (error: unknown) => {
    await single.stop();
    throw error;
  });
  let forwarded: Forwarded | undefined;
  return {
    ...single,
    stallReplication: () => link.stall('down'),
    async promote() {
      await single.server.kill();
      // What is still held back on the link died with the primary.
      await link.stop();
      await command(heir.url, (redis) => redis.call('REPLICAOF', 'NO', 'ONE'));
      forwarded = await forwardPort(single.port, heir.port);
    },
    async stop() {
      await forwarded?.stop();
      await link.stop();
      await heir.stop();
      await single.stop();
    },
  };
}

async function startReplica(primaryPort: number): Promise<{ heir: RedisServer; link: TcpProxy }> {
  const link = await startTcpProxy(primaryPort);
  const heir = await startRedis({ appendOnly: true, args: ['--replicaof', '127.0.0.1', String(link.port)] });
  await until(() => isInSync(heir.port), { what: 'the replica to be in sync' });
  return { heir, link };
}

async function startWithSentinels(): Promise<Store> {
  const setup = await startSentinels({ appendOnly: true });
  const { primary: server, replica, url, stop } = setup;
  return {
    ...{ port: server.port, url, isGroup: true, server, stallReplication: refuse, stop },
    command: (run) => command(url, run),
    async promote(how = 'kill') {
      await server[how]();
      await until(async () => (await setup.primaryPort()) === replica.port, {
        what: 'the Sentinels to promote the replica',
        deadlineMs: FAILS_OVER_WITHIN_MS,
        everyMs: 50,
      });
      await (how === 'kill' ? server.restart() : server.resume());
    },
  };
}

async function startCluster(): Promise<Store> {
  const { url, nodes, stop } = await startRedisCluster({ primaries: 3, replicas: 1 });
  // The one that holds our slot.
  const server = await ownerAmong(nodes, url);
  return {
    ...{ port: server.port, url, isGroup: true, server, stallReplication: refuse, stop },
    command: (run) => command(url, run),
    async promote(how = 'kill') {
      await server[how]();
      await until(async () => (await ownerAmong(nodes, url)) !== server, {
        what: 'a replica to take over the slot',
        deadlineMs: FAILS_OVER_WITHIN_MS,
        everyMs: 50,
      });
      await (how === 'kill' ? server.restart() : server.resume());
    },
  };
}

async function ownerAmong(nodes: readonly RedisServer[], url: string): Promise<RedisServer> {
  // Written, not only asked: one that is no primary any more, or not yet, refuses it.
  const info = await command(url, async (redis) => {
    await redis.set('{frame-buffer}:chaos:owner', '1');
    return redis.info('server');
  });
  const owner = nodes.find(({ port }) => info.includes(`tcp_port:${port}\r`));
  if (!owner) throw new Error('the slot is held by a node of another cluster');
  return owner;
}

/** The connection tries for ever, so whoever looks for a new primary gives up on a try, and looks again. */
async function command<T>(url: string, run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = connectRedis(url, { name: 'chaos-store' });
  try {
    const done = await within(
      run(redis).then((value) => ({ value })),
      COMMAND_WITHIN_MS,
    );
    if (!done) throw new Error(`Redis gave no answer in ${COMMAND_WITHIN_MS} ms`);
    return done.value;
  } finally {
    redis.disconnect();
  }
}
