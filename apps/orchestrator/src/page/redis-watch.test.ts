import { createRedisWatch } from './redis-watch.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** A Redis that answers with these figures, or not at all. */
function redisWith(values: Record<string, string | number>) {
  const state = { values, down: false };
  const client = {
    info: () =>
      state.down
        ? Promise.reject(new Error('Connection is closed.'))
        : Promise.resolve(
            `# Memory\r\n${Object.entries(state.values)
              .map(([name, value]) => `${name}:${value}\r\n`)
              .join('')}`,
          ),
  };
  return { state, client };
}

const FULL = {
  redis_version: '7.0.15',
  server_time_usec: 5_000_000,
  used_memory: 100 * MIB,
  total_system_memory: 8 * GIB,
  maxmemory: GIB,
  maxmemory_policy: 'noeviction',
  aof_enabled: 1,
};

it('knows nothing before the first answer, and is not taken for dead at once', () => {
  const { client } = redisWith(FULL);
  const watch = createRedisWatch(client, 1_000);
  expect(watch.figures(1_000)).toEqual({
    answering: true,
    usedBytes: null,
    limitBytes: null,
    limitIsMachine: true,
    policy: null,
    headroomSeconds: null,
    version: null,
    appendOnly: null,
  });
});

it('tells what Redis says of itself', async () => {
  const watch = createRedisWatch(redisWith(FULL).client, 0);
  await watch.look(1_000);
  expect(watch.figures(1_000)).toEqual({
    answering: true,
    usedBytes: 100 * MIB,
    limitBytes: GIB,
    limitIsMachine: false,
    policy: 'noeviction',
    headroomSeconds: null,
    version: '7.0.15',
    appendOnly: true,
  });
});

it("takes the machine's memory for the limit where Redis has none", async () => {
  const watch = createRedisWatch(redisWith({ ...FULL, maxmemory: 0 }).client, 0);
  await watch.look(1_000);
  expect(watch.figures(1_000)).toMatchObject({ limitBytes: 8 * GIB, limitIsMachine: true });
});

it('keeps the time of Redis', async () => {
  const watch = createRedisWatch(redisWith(FULL).client, 0);
  expect(watch.redisNow(1_000)).toBe(1_000);
  await watch.look(1_000);
  expect(watch.redisNow(1_500)).toBe(5_500);
});

describe('headroom', () => {
  const grown = async (perSecond: number, seconds: number) => {
    const { client, state } = redisWith(FULL);
    const watch = createRedisWatch(client, 0);
    for (let second = 0; second <= seconds; second++) {
      state.values = { ...FULL, used_memory: 100 * MIB + second * perSecond };
      await watch.look(second * 1_000);
    }
    return watch.figures(seconds * 1_000).headroomSeconds;
  };

  it('is the rest of the memory by the growth of the last half minute', async () => {
    expect(await grown(MIB, 10)).toBeCloseTo((1024 - 110) / 1, 5);
    expect(await grown(MIB, 90)).toBeCloseTo((1024 - 190) / 1, 5);
  });

  it('is unknown from too short a time, and where the memory stays or breathes', async () => {
    expect(await grown(MIB, 4)).toBeNull();
    expect(await grown(0, 20)).toBeNull();
    expect(await grown(-MIB, 20)).toBeNull();
    expect(await grown(500, 20)).toBeNull();
  });
});

it('says that Redis does not answer after a while, keeps what was known, and notices when it is back', async () => {
  const { client, state } = redisWith(FULL);
  const watch = createRedisWatch(client, 0);
  await watch.look(1_000);
  state.down = true;
  await watch.look(3_000);
  expect(watch.figures(3_000).answering).toBe(true);
  await watch.look(4_000);
  expect(watch.figures(4_000)).toMatchObject({
    answering: false,
    usedBytes: 100 * MIB,
    policy: 'noeviction',
  });
  state.down = false;
  await watch.look(5_000);
  expect(watch.figures(5_000).answering).toBe(true);
});
