import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisProcess, startRedisProcess } from '@frame-buffer/setup';
import { asked, isInSync } from './asked.ts';
import { type RedisServer, startLocalRedis } from './redis-server.ts';
import { until } from './until.ts';

/** A primary, a replica and three Sentinels that watch over them, all on this machine. */
export interface SentinelSetup {
  /** `redis-sentinel://...`, as our connections take it. */
  readonly url: string;
  /** As host and port each, with commas between them. */
  readonly sentinels: string;
  /** The name that the Sentinels know the primary by. */
  readonly name: string;
  /** What was the primary in the beginning. */
  readonly primary: RedisServer;
  /** What was its replica. */
  readonly replica: RedisServer;
  /** Port of whom most Sentinels call the primary now. */
  primaryPort(): Promise<number>;
  stop(): Promise<void>;
}

export interface SentinelOptions {
  /** A primary is taken for dead after so much silence. */
  downAfterMs?: number;
  /** Whether what was written survives a kill. */
  appendOnly?: boolean;
}

const NAME = 'frames';
const SENTINELS = 3;
const QUORUM = 2;
const FAILOVER_TIMEOUT_MS = 5_000;
/** They find one another by messages that each sends every two seconds. */
const READY_WITHIN_MS = 30_000;

/** Returns when the replica is in sync and the Sentinels know one another and both servers. Needs redis-server on the PATH. */
export async function startSentinels({
  downAfterMs = 1_000,
  appendOnly = false,
}: SentinelOptions = {}): Promise<SentinelSetup> {
  const directory = mkdtempSync(join(tmpdir(), 'frame-buffer-sentinels-'));
  const servers: RedisServer[] = [];
  const processes: RedisProcess[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map((sentinel) => sentinel.send('SIGKILL')));
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(directory, { recursive: true, force: true });
  };
  const start = async (args: readonly string[]): Promise<RedisServer> => {
    const server = await startLocalRedis({ appendOnly, args });
    servers.push(server);
    return server;
  };
  const ask = (field: string): Promise<string[]> =>
    Promise.all(processes.map(async ({ port }) => (await stateOf(port)).get(field) ?? ''));
  try {
    const primary = await start([]);
    const replica = await start(['--replicaof', '127.0.0.1', String(primary.port)]);
    for (let i = 1; i <= SENTINELS; i++) {
      const folder = join(directory, String(i));
      processes.push(await startSentinel(folder, { primaryPort: primary.port, downAfterMs }));
    }
    const agreed = async (): Promise<boolean> =>
      (await ask('num-other-sentinels')).every((count) => count === String(SENTINELS - 1)) &&
      (await ask('num-slaves')).every((count) => count === '1') &&
      (await isInSync(replica.port));
    await until(agreed, {
      what: 'the Sentinels to find one another',
      deadlineMs: READY_WITHIN_MS,
      everyMs: 100,
    });
    const sentinels = processes.map(({ port }) => `127.0.0.1:${port}`).join(',');
    return {
      url: `redis-sentinel://${sentinels}/${NAME}`,
      sentinels,
      name: NAME,
      primary,
      replica,
      async primaryPort() {
        const ports = await ask('port');
        return Number(ports.find((port, i) => ports.indexOf(port) !== i) ?? ports[0]);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSentinel(
  directory: string,
  { primaryPort, downAfterMs }: { primaryPort: number; downAfterMs: number },
): Promise<RedisProcess> {
  const configFile = `${directory}.conf`;
  const lines = [
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} ${QUORUM}`,
    `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
    `sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}`,
  ];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return startRedisProcess({ command: 'redis-server', directory, configFile, args: ['--sentinel'] });
}

async function stateOf(port: number): Promise<Map<string, string>> {
  const flat = (await asked(port, (redis) => redis.call('SENTINEL', 'MASTER', NAME))) as string[];
  return new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ''] as const] : [])));
}
