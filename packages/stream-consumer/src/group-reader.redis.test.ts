import { type RedisServer, startRedis, startTcpProxy, until } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { createGroupReader, type GroupReader } from './group-reader.ts';

let server: RedisServer;
let redis: Redis;
let proxy: Awaited<ReturnType<typeof startTcpProxy>>;
let reader: GroupReader;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(async () => {
  await redis.flushall();
  await redis.xgroup('CREATE', 's', 'g', '0', 'MKSTREAM');
  proxy = await startTcpProxy(server.port);
  reader = createGroupReader({
    connect: () => connectRedis(proxy.url),
    group: 'g',
    consumer: 'c',
    streams: ['s'],
    blockMs: 100,
    overdueMs: 200,
  });
});
afterEach(async () => {
  reader.close();
  await proxy.stop();
});

const add = (count: number) =>
  Promise.all(Array.from({ length: count }, (_none, i) => redis.xadd('s', '*', 'n', String(i))));

async function readAll(count: number, atOnce: number): Promise<string[]> {
  const seen: string[] = [];
  await until(
    async () => {
      const outcome = await reader.read(atOnce);
      if (outcome.kind === 'entries')
        seen.push(
          ...outcome.batches.flatMap(({ entries }) => entries.map(([, fields]) => fields?.[1] ?? '')),
        );
      return seen.length >= count;
    },
    { what: `${count} entries` },
  );
  return seen;
}

describe('a group reader', () => {
  it('brings new entries, and nothing when nothing comes in time', async () => {
    expect((await reader.read(10)).kind).toBe('nothing');
    await add(3);
    expect(await readAll(3, 10)).toEqual(['0', '1', '2']);
  });

  it('brings a backlog whole and in order, whichever way it is read', async () => {
    await add(25);
    expect(await readAll(25, 10)).toEqual(Array.from({ length: 25 }, (_none, i) => String(i)));
  });

  it('brings a backlog with text of any kind, and large', async () => {
    const texts = ['ä€😀', 'plain, longer than twelve characters', '', 'x'.repeat(300_000), '\r\n$3\r\n'];
    for (const text of texts) await redis.xadd('s', '*', 'n', text);
    await add(2);
    expect(await readAll(7, 1)).toEqual([...texts, '0', '1']);
  });

  /** Reads so that the next read goes for a backlog. */
  async function beginBacklog(): Promise<void> {
    await add(2);
    expect((await reader.read(1)).kind).toBe('entries');
  }

  it('says when the group went away while a backlog was read', async () => {
    await beginBacklog();
    await redis.del('s');
    expect((await reader.read(10)).kind).toBe('missing_group');
    await redis.xgroup('CREATE', 's', 'g', '0', 'MKSTREAM');
    await add(1);
    expect(await readAll(1, 10)).toEqual(['0']);
  });

  it.each(['cut', 'stalled'] as const)(
    'says when its connection was %s while a backlog was read',
    async (how) => {
      await beginBacklog();
      proxy.stall('down');
      const outcome = reader.read(10);
      await until(async () => Number((await redis.xpending('s', 'g'))[0]) === 2, { what: 'the delivery' });
      if (how === 'cut') proxy.cutAll();
      expect((await outcome).kind).toBe('interrupted');
      proxy.resume();
      await add(1);
      expect(await readAll(1, 10)).toEqual(['0']);
    },
  );

  it('says when its connection broke between two reads of a backlog', async () => {
    await beginBacklog();
    proxy.cutAll();
    const kinds: string[] = [];
    await until(async () => kinds.push((await reader.read(10)).kind) && kinds.includes('interrupted'), {
      what: 'the interruption to be said',
    });
    expect(kinds.filter((kind) => kind === 'entries').length).toBeLessThanOrEqual(1);
  });

  it('says when the group is missing, and reads on once it is there', async () => {
    await redis.del('s');
    expect((await reader.read(10)).kind).toBe('missing_group');
    await redis.xgroup('CREATE', 's', 'g', '0', 'MKSTREAM');
    await add(1);
    expect(await readAll(1, 10)).toEqual(['0']);
  });

  it('says when its connection was cut, and reads on', async () => {
    await reader.read(10);
    const outcome = reader.read(10);
    proxy.cutAll();
    const kinds = [(await outcome).kind];
    await until(
      async () => {
        kinds.push((await reader.read(10)).kind);
        return kinds.includes('interrupted');
      },
      { what: 'the interruption to be said' },
    );
    await add(1);
    expect(await readAll(1, 10)).toEqual(['0']);
  });

  it('replaces a connection that stands still', async () => {
    await reader.read(10);
    proxy.stall();
    expect((await reader.read(10)).kind).toBe('interrupted');
    proxy.resume();
    await add(1);
    await until(async () => (await redis.xpending('s', 'g'))[0] !== undefined, { what: 'the group' });
    const outcomes: string[] = [];
    await until(
      async () => {
        outcomes.push((await reader.read(10)).kind);
        // Redis may still have handed it to the connection that was given up: then it is pending, which is why interruptions are said.
        return outcomes.includes('entries') || Number((await redis.xpending('s', 'g'))[0]) > 0;
      },
      { what: 'the entry to be delivered' },
    );
  });

  it('ends a read that is under way when it is closed', async () => {
    const outcome = reader.read(10);
    reader.close();
    expect((await outcome).kind).toBe('closed');
    expect((await reader.read(10)).kind).toBe('closed');
  });
});
