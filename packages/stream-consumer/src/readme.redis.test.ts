/* eslint-disable @nx/enforce-module-boundaries -- users import it by its name */
import { readFileSync } from 'node:fs';
// example-start
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import {
  completeFrames,
  connectRedis,
  createGroupReader,
  createWorkQueue,
  handOff,
  openBooks,
  readBooks,
  recordOf,
} from '@frame-buffer/stream-consumer';
// example-end
import { startRedis } from '@frame-buffer/testing';

it("the README's example runs", async () => {
  const server = await startRedis();
  const url = server.url;
  // example-start
  const redis = connectRedis(url);
  const keys = keyNames();
  const group = INPUT_GROUP;
  await openBooks(redis, { keys, group }, new Date().toISOString());
  await redis.xadd(keys.input, '*', 'frame_id', 'f-1', 'camera_id', 'door');

  // An orchestrator: read, and hand over to a work queue, exactly once.
  const target = {
    processorId: 'p1',
    queue: keys.ready('p1'),
    group: 'workers',
    capacity: 4,
    completion: 'delete',
  } as const;
  await redis.hset(keys.registry, 'p1', '{}');
  await createWorkQueue(redis, target);
  const reader = createGroupReader({
    connect: () => connectRedis(url),
    group,
    consumer: 'o1',
    streams: [keys.input],
    blockMs: 1_000,
  });
  const outcome = await reader.read(100);
  const batches = outcome.kind === 'entries' ? outcome.batches : [];
  const entries = batches.flatMap(({ entries }) =>
    entries.map(([id, fields]) => ({ source: 'input' as const, id, fields: recordOf(fields ?? []) })),
  );
  const items = entries.map((entry) => ({ entry, copies: [{ target, fields: { attempt: '1' } }] }));
  const { outcomes } = await handOff(redis, items, { keys, group, common: { dispatched_by: 'o1' } });

  // A processor: take, work, publish its result, once.
  const worker = createGroupReader({
    connect: () => connectRedis(url),
    group: 'workers',
    consumer: 'p1',
    streams: [target.queue],
    blockMs: 1_000,
  });
  const work = await worker.read(1);
  const entryId = work.kind === 'entries' ? work.batches[0]!.entries[0]![0] : '';
  const done = [{ entryId, result: { frame_id: 'f-1', verdict: 'nobody there' } }];
  const published = await completeFrames(redis, done, {
    keys,
    queue: target,
    processorId: 'p1',
    results: keys.results,
    capacity: 4,
  });

  const reading = await readBooks(redis, { keys, group });
  // example-end
  expect([outcomes, published]).toEqual([['handed_off'], [true]]);
  expect(reading?.books).toMatchObject({ captured: 1, completed: 1, outstanding: 0, unaccounted: 0 });
  reader.close();
  worker.close();
  redis.disconnect();
  await server.stop();
});

it('is the code above', () => {
  const folded = (text: string): string => text.replace(/\s+/g, '');
  const own = readFileSync(new URL('./readme.redis.test.ts', import.meta.url), 'utf8');
  const shown = [...own.matchAll(/\/\/ example-start\n([\s\S]+?)\/\/ example-end/g)]
    .map(([, code]) => code)
    .join('');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(folded(/```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? '')).toBe(folded(shown));
});
