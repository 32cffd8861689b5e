import type { RedisNode, RedisSentinelAddress } from '@frame-buffer/models';
import { Redis, type RedisOptions } from 'ioredis';
import { type Connector, nodeConnector } from './node-connector.ts';

/** A Sentinel that hangs is passed over after this long. */
const ADVICE_WITHIN_MS = 1_000;
const SWITCHED = '+switch-master';

/** Connects to whom the Sentinels call the primary, and leaves one that was replaced, also where it only stands still. */
export function sentinelPrimaryConnector(
  { nodes, primary, sentinelPassword, tls }: RedisSentinelAddress,
  retryDelayMs: (times: number) => number,
): Connector {
  let sentinels = [...nodes];

  const open = (node: RedisNode, options: RedisOptions): Redis => {
    const client = new Redis({
      ...node,
      ...(sentinelPassword === undefined ? {} : { password: sentinelPassword }),
      ...(tls ? { tls: {} } : {}),
      enableReadyCheck: false,
      connectTimeout: ADVICE_WITHIN_MS,
      ...options,
    });
    // Its commands fail with it, and the watching ones come back.
    client.on('error', () => {});
    return client;
  };

  async function ask(sentinel: RedisNode): Promise<RedisNode> {
    const client = open(sentinel, { retryStrategy: null, commandTimeout: ADVICE_WITHIN_MS });
    try {
      const found = (await client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', primary)) as string[] | null;
      if (!found) throw new Error(`the Sentinel at ${sentinel.host}:${sentinel.port} knows no ${primary}`);
      return { host: found[0] ?? '', port: Number(found[1]) };
    } finally {
      client.disconnect();
    }
  }

  return nodeConnector({
    tls,
    retryDelayMs,
    async find() {
      const inTurn = sentinels;
      // Another one first the next time: what this one says may be old.
      sentinels = [...sentinels.slice(1), ...sentinels.slice(0, 1)];
      let last: unknown;
      for (const sentinel of inTurn) {
        try {
          return await ask(sentinel);
        } catch (error) {
          last = error;
        }
      }
      const reason = last instanceof Error ? last.message : String(last);
      throw new Error(`no Sentinel tells where ${primary} is: ${reason}`, { cause: last });
    },
    watch(onNode) {
      const watching = nodes.map((node) => {
        const client = open(node, { retryStrategy: retryDelayMs, maxRetriesPerRequest: null });
        client.on('message', (_channel, message: string) => {
          const [name, , , host = '', port] = message.split(' ');
          if (name === primary) onNode({ host, port: Number(port) });
        });
        client.subscribe(SWITCHED).catch(() => {});
        return client;
      });
      return () => watching.forEach((client) => client.disconnect());
    },
  });
}
