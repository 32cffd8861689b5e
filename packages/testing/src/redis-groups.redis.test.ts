import { Redis } from 'ioredis';
import { isInSync } from './asked.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { startSentinels } from './redis-sentinels.ts';
import { until } from './until.ts';

const TIMEOUT_MS = 90_000;
const local = process.env['TEST_REDIS'] === 'container' ? it.skip : it;

local(
  'Sentinels promote the replica when the primary is killed',
  async () => {
    const setup = await startSentinels({ downAfterMs: 500 });
    expect(await setup.primaryPort()).toBe(setup.primary.port);
    await setup.primary.kill();
    await until(async () => (await setup.primaryPort()) === setup.replica.port, {
      what: 'the Sentinels to call the replica the primary',
      deadlineMs: 30_000,
    });
    await setup.stop();
  },
  TIMEOUT_MS,
);

local(
  'a cluster serves every slot, each primary with its replica',
  async () => {
    const cluster = await startRedisCluster({ primaries: 3, replicas: 1 });
    const redis = new Redis(cluster.nodes[0]?.url ?? '');
    const info = await redis.cluster('INFO');
    const replicas = await Promise.all(cluster.nodes.slice(3).map(({ port }) => isInSync(port)));
    redis.disconnect();
    await cluster.stop();
    expect(info).toContain('cluster_slots_ok:16384');
    expect(info).toContain('cluster_known_nodes:6');
    expect(replicas).toEqual([true, true, true]);
  },
  TIMEOUT_MS,
);
