import type { RedisClusterAddress, RedisNode } from '@frame-buffer/models';
import { Redis, type RedisOptions } from 'ioredis';
import { type Connector, nodeConnector } from './node-connector.ts';

export interface SlotOwnerConnector {
  readonly Connector: Connector;
  /** Whether Redis says that the slot isn't served here, or not now: connect again, and the owner is asked for anew. */
  isMoved(error: Error): boolean;
}

/** A node that hangs is passed over after this long. */
const ADVICE_WITHIN_MS = 1_000;
/** The slot is moving, its owner is away or another node has it; MOVED and ASK name the slot they mean. */
const NOT_NOW = /^(?:CLUSTERDOWN|TRYAGAIN|(?:MOVED|ASK) (\d+))\b/;

/**
 * Connects to the one node of a cluster that holds the slot of a hash tag, and asks for it again before each reconnection: after a
 * failover and after the slot was moved. All keys of a shard bear one tag, so one connection does for them, and behaves as one to a
 * single server does: commands wait while it is away, and a blocked read that breaks is noticed.
 */
export function slotOwnerConnector(
  { nodes, hashTag, tls }: RedisClusterAddress,
  login: RedisOptions,
  retryDelayMs: (times: number) => number,
): SlotOwnerConnector {
  let known: readonly RedisNode[] = nodes;
  let slot: number | undefined;

  async function ask(node: RedisNode): Promise<RedisNode> {
    const client = new Redis({
      ...login,
      ...node,
      retryStrategy: null,
      enableReadyCheck: false,
      connectTimeout: ADVICE_WITHIN_MS,
      commandTimeout: ADVICE_WITHIN_MS,
    });
    // The command fails with it.
    client.on('error', () => {});
    try {
      const tagSlot = Number(await client.cluster('KEYSLOT', `{${hashTag}}`));
      // Of each range the primary comes first; a node that doesn't know its own host leaves it empty.
      const ranges = (await client.cluster('SLOTS')).flatMap(([from, to, primary]) =>
        primary ? [{ from, to, at: { host: primary[0] || node.host, port: primary[1] } }] : [],
      );
      known = unique([...ranges.map(({ at }) => at), ...nodes]);
      slot = tagSlot;
      const owner = ranges.find(({ from, to }) => from <= tagSlot && tagSlot <= to)?.at;
      if (!owner) throw new Error(`no node of the cluster serves slot ${tagSlot}`);
      return owner;
    } finally {
      client.disconnect();
    }
  }

  async function owner(): Promise<RedisNode> {
    let last: unknown;
    for (const node of known) {
      try {
        return await ask(node);
      } catch (error) {
        last = error;
        // Another one may know better.
        known = [...known.filter((each) => each !== node), node];
      }
    }
    throw new Error(`no node of the cluster tells who serves {${hashTag}}`, { cause: last });
  }

  return {
    Connector: nodeConnector({ find: owner, tls, retryDelayMs }),
    isMoved(error) {
      const [is, named] = NOT_NOW.exec(error.message) ?? [];
      // A key of another slot would move from node to node for ever.
      return is !== undefined && (named === undefined || Number(named) === slot);
    },
  };
}

const unique = (nodes: readonly RedisNode[]): RedisNode[] => [
  ...new Map(nodes.map((node) => [`${node.host}:${node.port}`, node])).values(),
];
