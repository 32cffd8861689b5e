import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { freePort } from '@frame-buffer/setup';
import { asked } from './asked.ts';
import { type RedisServer, startLocalRedis } from './redis-server.ts';
import { until } from './until.ts';

/** A Redis Cluster on this machine. */
export interface RedisCluster {
  /** `redis-cluster://...`, as our connections take it, with the usual hash tag. */
  readonly url: string;
  /** Host and port of each node, with commas between them. */
  readonly addresses: string;
  /** The first of them are the primaries. */
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

export interface RedisClusterOptions {
  primaries?: number;
  /** For each primary. */
  replicas?: number;
}

const run = promisify(execFile);
/** A node is taken for dead after so much silence. */
const NODE_TIMEOUT_MS = 1_500;
const READY_WITHIN_MS = 60_000;

/** Returns when all nodes agree that every slot is served and each replica is in sync. Needs redis-server and redis-cli on the PATH. */
export async function startRedisCluster({
  primaries = 3,
  replicas = 0,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    for (let i = 0; i < primaries * (1 + replicas); i++) {
      const busPort = await freePort();
      // A primary would wait five seconds for more replicas before it sends them its data.
      const args = [
        '--cluster-enabled',
        'yes',
        '--cluster-node-timeout',
        String(NODE_TIMEOUT_MS),
        '--repl-diskless-sync-delay',
        '0',
      ];
      nodes.push(
        await startLocalRedis({ appendOnly: true, args: [...args, '--cluster-port', String(busPort)] }),
      );
    }
    const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await run(
      'redis-cli',
      ['--cluster', 'create', ...hosts, '--cluster-replicas', String(replicas), '--cluster-yes'],
      { timeout: READY_WITHIN_MS },
    );
    const areUp = async (): Promise<boolean> =>
      (await Promise.all(nodes.map(({ port }) => isUp(port)))).every(Boolean);
    await until(areUp, {
      what: 'all nodes to serve, and the replicas to be in sync',
      deadlineMs: READY_WITHIN_MS,
      everyMs: 50,
    });
    const addresses = hosts.join(',');
    return { url: `redis-cluster://${addresses}`, addresses, nodes, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Whether a node serves and is a primary, or a replica in sync. One that joined refuses commands (CLUSTERDOWN) until it has seen
 * the others for a while.
 */
const isUp = (port: number): Promise<boolean> =>
  asked(port, async (redis) => {
    const [cluster, replication] = [await redis.cluster('INFO'), await redis.info('replication')];
    return (
      cluster.includes('cluster_state:ok') && /^(role:master|master_link_status:up)\r?$/m.test(replication)
    );
  });
