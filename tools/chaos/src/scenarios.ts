import { RANDOM_SCENARIOS } from './random-scenario.ts';
import type { Scenario } from './scenario.ts';
import { PROCESSOR_LEASE_MS, type Worker } from './stage/stage.ts';

/** How long an orchestrator's lease outlives it. */
export const ORCHESTRATOR_LEASE_MS = 3_000;
/** Longer than either lease: whoever stands still for so long has been declared dead when it comes back. */
const PAST_EVERY_LEASE_MS = 6_500;
/** Longer than any blocking read or watchdog. */
const OUTAGE_MS = 8_000;

/**
 * The suite: two orchestrators, three processors and a Redis with an append-only file; 300 frames a second. Everything is
 * accounted for at the end and at every moment, nothing has two results, and frames flow again within three seconds, unless
 * `allowed` says otherwise.
 */
export const SCENARIOS: readonly Scenario[] = [
  // Killed: SIGKILL
  {
    name: 'kill-orchestrator',
    about: 'SIGKILL of one of two orchestrators; a new one starts',
    async faults({ stage, rng }) {
      const killedMs = await stage.kill(rng.pick(stage.orchestrators()));
      await stage.startOrchestrator();
      return killedMs + ORCHESTRATOR_LEASE_MS;
    },
  },
  {
    name: 'kill-processor',
    about: 'SIGKILL of one of three processors; one with another id starts',
    async faults({ stage, rng }) {
      const killedMs = await stage.kill(rng.pick(stage.processors()));
      await stage.startProcessor();
      return killedMs + PROCESSOR_LEASE_MS;
    },
  },
  {
    name: 'kill-redis',
    about: 'SIGKILL of Redis while frames flow; it restarts with its append-only file',
    async faults({ stage }) {
      await stage.store.server.kill();
      await stage.store.server.restart();
    },
  },
  {
    name: 'cut-links',
    about: 'every connection to Redis is reset, six times in a row',
    async faults({ stage, rng }) {
      for (let time = 0; time < 6; time++) {
        for (const { link } of all(stage)) link.cutAll();
        await stage.wait(rng.between(50, 600));
      }
    },
  },
  {
    name: 'kill-all-orchestrators',
    about: 'SIGKILL of both orchestrators at once; two new ones start',
    async faults({ stage }) {
      await Promise.all(stage.orchestrators().map(stage.kill));
      const killedMs = Date.now();
      await Promise.all([stage.startOrchestrator(), stage.startOrchestrator()]);
      return Math.max(killedMs + ORCHESTRATOR_LEASE_MS, Date.now());
    },
  },
  {
    name: 'kill-all-processors',
    about: 'SIGKILL of all processors at once; three with other ids start',
    async faults({ stage }) {
      await Promise.all(stage.processors().map(stage.kill));
      const killedMs = Date.now();
      await Promise.all([1, 2, 3].map(() => stage.startProcessor()));
      return Math.max(killedMs + PROCESSOR_LEASE_MS, Date.now());
    },
  },
  {
    name: 'kill-processor-same-id',
    about: 'SIGKILL of a processor that comes back under its own id at once',
    async faults({ stage, rng }) {
      const victim = rng.pick(stage.processors());
      const killedMs = await stage.kill(victim);
      await stage.startProcessor(victim.name);
      return Math.max(killedMs + PROCESSOR_LEASE_MS, Date.now());
    },
  },
  {
    name: 'kill-one-of-each',
    about: 'SIGKILL of an orchestrator and a processor at the same moment',
    async faults({ stage, rng }) {
      const victims = [rng.pick(stage.orchestrators()), rng.pick(stage.processors())];
      await Promise.all(victims.map(stage.kill));
      const killedMs = Date.now();
      await Promise.all([stage.startOrchestrator(), stage.startProcessor()]);
      return killedMs + PROCESSOR_LEASE_MS;
    },
  },
  {
    name: 'kill-with-affinity',
    about: 'SIGKILL of a processor while each camera has a processor of its own',
    setup: { routingStrategy: 'affinity' },
    async faults({ stage, rng }) {
      const killedMs = await stage.kill(rng.pick(stage.processors()));
      await stage.startProcessor();
      return killedMs + PROCESSOR_LEASE_MS;
    },
  },

  // Stopped and continued: SIGSTOP, SIGCONT
  {
    name: 'pause-orchestrator',
    about: 'an orchestrator stands still beyond its lease and comes back',
    faults: async ({ stage, rng }) =>
      standStill(stage, [rng.pick(stage.orchestrators())], PAST_EVERY_LEASE_MS),
  },
  {
    name: 'pause-processor',
    about: 'a processor stands still beyond its lease, comes back and is fenced',
    faults: async ({ stage, rng }) => standStill(stage, [rng.pick(stage.processors())], PAST_EVERY_LEASE_MS),
  },
  {
    name: 'pause-briefly',
    about: 'orchestrators and processors stand still for a second, one after another',
    async faults({ stage }) {
      for (const worker of all(stage)) await standStill(stage, [worker], 1_000);
    },
  },
  {
    name: 'pause-redis',
    about: 'Redis stands still for four seconds: connections stay open, nothing answers',
    async faults({ stage }) {
      await stage.store.server.pause();
      await stage.wait(4_000);
      await stage.store.server.resume();
    },
  },

  // Told to end: SIGTERM
  {
    name: 'terminate-orchestrator',
    about: 'SIGTERM for an orchestrator; a new one starts',
    async faults({ stage, rng }) {
      await stage.terminate(rng.pick(stage.orchestrators()));
      await stage.startOrchestrator();
    },
  },
  {
    name: 'terminate-processor',
    about: 'SIGTERM for a processor; it drains, leaves and comes back',
    async faults({ stage, rng }) {
      const leaver = rng.pick(stage.processors());
      await stage.terminate(leaver);
      await stage.startProcessor(leaver.name);
    },
  },
  {
    name: 'restart-redis-busy',
    about: 'Redis is restarted in order (SIGTERM) while frames flow',
    faults: ({ stage }) => stage.store.server.restart(),
  },
  {
    name: 'restart-redis-idle',
    about: 'Redis is killed and restarted while nothing flows',
    async faults({ stage, publisher }) {
      publisher.pause();
      await stage.wait(2_000);
      await stage.store.server.kill();
      await stage.store.server.restart();
      await stage.wait(1_000);
      publisher.resume();
    },
  },
  {
    name: 'redis-outage',
    about: 'Redis is gone for eight seconds, longer than any block time or lease',
    async faults({ stage }) {
      await stage.store.server.kill();
      await stage.wait(OUTAGE_MS);
      await stage.store.server.restart();
    },
  },

  // Connections
  {
    name: 'cut-commands',
    about: 'connections break in the middle of commands and of answers',
    async faults({ stage, rng }) {
      for (let time = 0; time < 8; time++) {
        const { link } = rng.pick(all(stage));
        await Promise.race([
          link.cutAfter(rng.between(0, 3_000), rng.pick(['up', 'down'])),
          stage.wait(1_000),
        ]);
      }
    },
  },
  {
    name: 'stall-orchestrator-link',
    about: "one orchestrator's connections to Redis hang beyond its lease",
    faults: async ({ stage, rng }) => hang(stage, [rng.pick(stage.orchestrators())], PAST_EVERY_LEASE_MS),
  },
  {
    name: 'stall-orchestrator-answers',
    about: 'Redis hears both orchestrators, but they get no answers for four seconds',
    faults: async ({ stage }) => hang(stage, stage.orchestrators(), 4_000, 'down'),
  },
  {
    name: 'stall-processor-link',
    about: "one processor's connections to Redis hang for eight seconds",
    faults: async ({ stage, rng }) => hang(stage, [rng.pick(stage.processors())], OUTAGE_MS),
  },
  {
    name: 'stall-processor-answers',
    about: 'Redis hears the processors, but they get no answers for four seconds',
    faults: async ({ stage }) => hang(stage, stage.processors(), 4_000, 'down'),
  },
  {
    name: 'stall-everything',
    about: 'all connections to Redis hang for eight seconds',
    faults: async ({ stage }) => hang(stage, all(stage), OUTAGE_MS),
  },
  {
    name: 'refuse-connections',
    about: 'connections are reset and new ones refused for eight seconds',
    async faults({ stage }) {
      const workers = all(stage);
      await Promise.all(workers.map(({ link }) => link.refuse()));
      for (const { link } of workers) link.cutAll();
      await stage.wait(OUTAGE_MS);
      await Promise.all(workers.map(({ link }) => link.accept()));
    },
  },

  // Failover
  {
    name: 'promote-replica',
    about: 'the primary is killed and its replica takes over',
    setup: { redis: 'replica' },
    allowed: { lostInFailover: true },
    faults: ({ stage }) => stage.store.promote(),
  },
  {
    name: 'promote-stale-replica',
    about: 'the same, and the replica misses the last half second: acknowledged writes are lost',
    setup: { redis: 'replica' },
    allowed: { lostInFailover: true },
    async faults({ stage }) {
      stage.store.stallReplication();
      await stage.wait(500);
      await stage.store.promote();
    },
  },

  {
    name: 'sentinel-failover',
    about: 'the primary is killed, Sentinels promote its replica, and it comes back as a replica',
    setup: { redis: 'sentinel' },
    allowed: { lostInFailover: true },
    faults: ({ stage }) => stage.store.promote(),
  },
  {
    name: 'sentinel-failover-hung',
    about: 'the primary stands still, Sentinels promote its replica, and it wakes up as if nothing had been',
    setup: { redis: 'sentinel' },
    allowed: { lostInFailover: true },
    faults: ({ stage }) => stage.store.promote('pause'),
  },
  {
    name: 'cluster-failover',
    about: 'in a Redis Cluster the primary of our slot is killed, its replica takes over, and it comes back',
    setup: { redis: 'cluster' },
    allowed: { lostInFailover: true },
    faults: ({ stage }) => stage.store.promote(),
  },

  // What Redis refuses or forgets
  {
    name: 'full-memory',
    about: 'Redis takes nothing more for three seconds: its memory is full, and nothing may be evicted',
    async faults({ stage }) {
      await stage.store.command((redis) => redis.config('SET', 'maxmemory', '1'));
      await stage.wait(3_000);
      await stage.store.command((redis) => redis.config('SET', 'maxmemory', '0'));
    },
  },
  {
    name: 'flush-all',
    about: 'somebody deletes everything in Redis: streams, groups and the registry are made again',
    // What was lost is published again at the end only.
    allowed: { lostInFailover: true, recoveryMs: 15_000 },
    faults: ({ stage }) => stage.store.command(async (redis) => void (await redis.flushall())),
  },

  // Changes of the fleet
  {
    name: 'rolling-restart',
    about: 'every orchestrator, every processor and Redis are replaced, one after another',
    async faults({ stage }) {
      for (const former of stage.orchestrators()) {
        await stage.startOrchestrator();
        await stage.terminate(former);
      }
      for (const former of stage.processors()) {
        await stage.terminate(former);
        await stage.startProcessor(former.name);
      }
      await stage.store.server.restart();
    },
  },
  {
    name: 'scale-orchestrators',
    about: 'orchestrators from 1 to 3 and back to 1',
    setup: { orchestrators: 1 },
    async faults({ stage }) {
      await Promise.all([stage.startOrchestrator(), stage.startOrchestrator()]);
      await stage.wait(1_500);
      for (const former of stage.orchestrators().slice(0, 2)) await stage.terminate(former);
    },
  },
  {
    name: 'scale-processors',
    about: 'processors from 1 to 20 and back to 1',
    setup: { processors: 1 },
    async faults({ stage }) {
      for (let started = 0; started < 19; started += 5)
        await Promise.all([1, 2, 3, 4, 5].slice(0, 19 - started).map(() => stage.startProcessor()));
      await stage.wait(1_000);
      await Promise.all(stage.processors().slice(0, 19).map(stage.terminate));
    },
  },

  // Anything at once, from the seed
  ...RANDOM_SCENARIOS,
];

interface Workers {
  orchestrators(): readonly Worker[];
  processors(): readonly Worker[];
}

const all = (stage: Workers): Worker[] => [...stage.orchestrators(), ...stage.processors()];

type Stopping = Pick<Parameters<Scenario['faults']>[0]['stage'], 'pause' | 'resume' | 'wait'>;

async function standStill(stage: Stopping, workers: readonly Worker[], ms: number): Promise<void> {
  for (const worker of workers) stage.pause(worker);
  await stage.wait(ms);
  for (const worker of workers) stage.resume(worker);
}

async function hang(
  stage: Stopping,
  workers: readonly Worker[],
  ms: number,
  direction?: 'up' | 'down',
): Promise<void> {
  for (const { link } of workers) link.stall(direction);
  await stage.wait(ms);
  for (const { link } of workers) link.resume();
}
