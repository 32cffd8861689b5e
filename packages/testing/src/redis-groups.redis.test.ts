import { Redis } from 'ioredis';
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
    redis.disconnect();
    await cluster.stop();
    expect(info).toContain('cluster_slots_ok:16384');
    expect(info).toContain('cluster_known_nodes:6');
  },
  TIMEOUT_MS,
);
