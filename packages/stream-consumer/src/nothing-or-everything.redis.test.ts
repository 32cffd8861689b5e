import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { adoptPending } from './adopt.ts';
import { completeFrames, completionCall, giveBack, giveBackCall } from './completion.ts';
import { connectRedis } from './connection.ts';
import { requeueDeadLetters } from './dead-letters.ts';
import { loadScript } from './script.ts';
import { deadLetter } from './settle.ts';
import { AT, createScene, GROUP, type Scene } from './test-support/scene.ts';
import { trimInput } from './trim.ts';
import { reclaimQueue } from './work-queue.ts';

let server: RedisServer;
let redis: Redis;
let scene: Scene;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url);
  scene = createScene(redis);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});
beforeEach(() => scene.reset());

const finishOptions = (queue: { queue: string; group: string }, results = scene.keys.results) => ({
  keys: scene.keys,
  queue,
  processorId: 'p1',
  results,
  capacity: 100,
});

/** Everything in Redis, as it was written. */
async function dump(): Promise<Map<string, string | undefined>> {
  const names = (await redis.keys('*')).toSorted();
  const values = await Promise.all(
    names.map(async (name) => (await redis.dumpBuffer(name))?.toString('hex')),
  );
  return new Map(names.map((name, i) => [name, values[i]]));
}

/** A scene with something in every place, and every move that could be made in it. */
async function moves(): Promise<Record<string, () => Promise<unknown>>> {
  const { keys } = scene;
  const target = await scene.processor('p1');
  const [dead, ...rest] = await scene.capture(6);
  const settled = (entry: typeof dead) => [{ entry: entry!, reason: 'bad_record' as const, detail: 'd' }];
  await deadLetter(redis, settled(dead), { keys, group: GROUP, at: AT });
  await scene.give(rest.slice(0, 3), target);
  const [first, second, third] = await scene.take(target, 3);
  const options = { keys, queue: target, processorId: 'p1' };
  await giveBack(redis, third!.id, { processorId: 'p1', error: 'e', at: AT }, options);
  const retries = await scene.readNew('retry');
  const [letter] = await redis.xrange(keys.deadLetter, '-', '+');
  return {
    'hand-off': () => scene.give([...retries, ...rest.slice(3)], target),
    completion: () => scene.finish(target, [first!.id, second!.id]),
    'giving back': () => giveBack(redis, first!.id, { processorId: 'p1', error: 'e', at: AT }, options),
    'taking back': () => reclaimQueue(redis, keys, target),
    'dead letter': () => deadLetter(redis, settled(rest[3]), { keys, group: GROUP, at: AT }),
    'sending again': () => requeueDeadLetters(redis, keys, [letter![0]]),
    adoption: () => adoptPending(redis, 'retry', { keys, group: GROUP, consumer: 'o1', heir: 'o2' }).next(),
    trimming: () => trimInput(redis, keys),
  };
}

describe('a key of a wrong type', () => {
  const CASES: [string, (keyof Scene['keys'])[]][] = [
    ['hand-off', ['ledger', 'registry', 'input', 'retry']],
    ['completion', ['ledger', 'results']],
    ['giving back', ['ledger', 'retry']],
    ['taking back', ['ledger', 'registry', 'retry']],
    ['dead letter', ['ledger', 'input', 'deadLetter']],
    ['sending again', ['ledger', 'retry', 'deadLetter']],
    ['adoption', ['ledger']],
    ['trimming', ['ledger']],
  ];
  it.each(CASES.flatMap(([move, names]) => names.map((name) => [move, name] as const)))(
    'makes %s change nothing: %s',
    async (move, name) => {
      const make = (await moves())[move]!;
      await redis.set(scene.keys[name] as string, 'text');
      const before = await dump();
      await expect(make()).rejects.toThrow('WRONGTYPE');
      expect(await dump()).toEqual(before);
    },
  );

  it('is a processor gone, for the others in its batch, where it is a queue', async () => {
    const [good, bad] = [await scene.processor('p1'), await scene.processor('p2')];
    await redis.set(bad.queue, 'text');
    const [one, two] = await scene.capture(2);
    expect((await scene.give([one!], bad)).outcomes).toEqual(['departed']);
    expect((await scene.give([two!], good)).outcomes).toEqual(['handed_off']);
  });

  it('is a queue that is gone, for the books', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(2), target);
    await redis.set(target.queue, 'text');
    expect(await scene.books()).toMatchObject({ captured: 2, outstanding: 0, unaccounted: 2 });
  });
});

describe('a record that Redis would refuse', () => {
  it.each<[string, Record<string, string>]>([
    ['an empty one', {}],
    ['one with a value that is no text', { verdict: undefined as unknown as string }],
  ])('ends no frame: %s', async (_what, result) => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(2), target);
    const [first, second] = await scene.take(target, 2);
    const done = [
      { entryId: first!.id, result: { fine: 'yes' } },
      { entryId: second!.id, result },
    ];
    const before = await dump();
    await expect(completeFrames(redis, done, finishOptions(target))).rejects.toThrow('nothing was changed');
    expect(await dump()).toEqual(before);
  });

  it('ends no frame: an entry id that is none', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(1), target);
    const [frame] = await scene.take(target, 1);
    const before = await dump();
    await expect(scene.finish(target, [frame!.id, 'no id'])).rejects.toThrow('nothing was changed');
    expect(await dump()).toEqual(before);
  });

  it('is not handed off', async () => {
    const target = await scene.processor('p1');
    const [one, two] = await scene.capture(2);
    const odd = { ...two!, fields: { x: undefined as unknown as string } };
    const before = await dump();
    await expect(scene.give([one!, odd], target)).rejects.toThrow('nothing was changed');
    expect(await dump()).toEqual(before);
  });

  it.each<[string, readonly unknown[]]>([
    ['a source that is none', [5, '1-1', 1, 1, 1, 'a']],
    ['an entry id that is none', [3, 'no id', 1, 1, 1, 'a']],
    ['a list of names that is none', [3, '1-1', 1, 1, 2, 'a']],
    ['a target that is none', [3, '1-1', 1, 2, 1, 'a']],
    ['too few values', [3, '1-1', 1, 1, 1]],
    ['too many values', [3, '1-1', 1, 1, 1, 'a', 'b']],
  ])('is not handed off: %s', async (_what, frames) => {
    const { queue, group, capacity, completion } = await scene.processor('p1');
    const { ledger, registry, input, retry } = scene.keys;
    const request = {
      group: GROUP,
      targets: [['p1', group, capacity, completion]],
      lists: [['frame_id', 'a']],
      frames,
    };
    const before = await dump();
    await expect(
      loadScript('hand-off').run(redis, [ledger, registry, input, retry, queue], request),
    ).rejects.toThrow('nothing was changed');
    expect(await dump()).toEqual(before);
  });

  it('may hold half a character: it is replaced', async () => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(1), target);
    const [frame] = await scene.take(target, 1);
    const result = { half: 'a\ud800', text: 'a\\ud800', whole: '\u{1f600}' };
    expect(await completeFrames(redis, [{ entryId: frame!.id, result }], finishOptions(target))).toEqual([
      true,
    ]);
    const [[, flat]] = (await redis.xrange(scene.keys.results, '-', '+')) as [[string, string[]]];
    expect(flat).toEqual(['half', 'a\ufffd', 'text', 'a\\ud800', 'whole', '\u{1f600}']);
  });
});

describe('a call by somebody else that does not say what it must', () => {
  const CASES: [script: 'complete' | 'give-back', what: string, said: Record<string, unknown>][] = [
    ['complete', 'no capacity', { capacity: undefined }],
    ['complete', 'a capacity as text', { capacity: '2' }],
    ['complete', 'no channel', { events: undefined }],
    ['complete', 'a channel that is none', { events: ['frames:events'] }],
    ['complete', 'no group', { group: undefined }],
    ['complete', 'a processor that has no name', { processor_id: {} }],
    ['give-back', 'a channel that is none', { events: {} }],
    ['give-back', 'no group', { group: undefined }],
    ['give-back', 'a failure of nobody', { failure: { error: 'e', at: AT } }],
    ['give-back', 'a failure that is none', { failure: 'failed' }],
    ['give-back', 'a processor whose name is too long', { failure: { processor_id: 'p'.repeat(200) } }],
  ];
  it.each(CASES)('changes nothing: %s with %s', async (name, _what, said) => {
    const target = await scene.processor('p1', 'delete', 2);
    await scene.give(await scene.capture(2), target);
    const [frame] = await scene.take(target, 2);
    const own = finishOptions(target);
    const { keys, request } = name === 'complete' ? completionCall(own) : giveBackCall(own);
    const frames = { id: frame!.id, failure: { processor_id: 'p1' }, completions: [[frame!.id, ['a', 'b']]] };
    const before = await dump();
    const call = loadScript(name).run(redis, keys, { ...request, ...frames, ...said });
    await expect(call).rejects.toThrow('nothing was changed');
    expect(await dump()).toEqual(before);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no failure but null', { failure: null }],
    ['no channel', { events: undefined }],
    [
      'an error that is no text, and no time',
      { failure: { processor_id: 'p1', error: { code: 7 }, terminal: null } },
    ],
  ])('is understood all the same: %s', async (_what, said) => {
    const target = await scene.processor('p1');
    await scene.give(await scene.capture(1), target);
    const [frame] = await scene.take(target, 1);
    const { keys, request } = giveBackCall(finishOptions(target));
    expect(await loadScript('give-back').run(redis, keys, { ...request, id: frame!.id, ...said })).toBe(1);
    expect(await scene.books()).toMatchObject({ waitingRetry: 1, unaccounted: 0 });
    expect((await scene.readNew('retry'))[0]?.fields['terminal']).not.toBe('1');
  });
});

describe('a frame that comes back', () => {
  it.each(['[NaN]', '[1e999]', '{"a":1}', 'null', '{'])(
    'keeps its way with errors that say %s',
    async (errors) => {
      const target = await scene.processor('p1');
      await redis.xadd(target.queue, '*', 'frame_id', 'f', 'camera_id', 'c', 'errors', errors);
      await scene.take(target, 1);
      await redis.hdel(scene.keys.registry, 'p1');
      expect(await reclaimQueue(redis, scene.keys, target, { processorId: 'p1', error: 'e', at: AT })).toBe(
        1,
      );
      expect(await scene.books()).toMatchObject({ waitingRetry: 1, unaccounted: 0 });
      const [back] = await scene.readNew('retry');
      expect(JSON.parse(back?.fields['errors'] ?? '')).toEqual([
        { processor_id: 'p1', attempt: 1, error: 'e', at: AT },
      ]);
    },
  );

  it.each(['inf', 'nan', '-1', '1.5', 'x'])('begins at 1 where its attempt is %s', async (attempt) => {
    const target = await scene.processor('p1');
    await redis.xadd(target.queue, '*', 'frame_id', 'f', 'camera_id', 'c', 'attempt', attempt);
    const [frame] = await scene.take(target, 1);
    const options = { keys: scene.keys, queue: target, processorId: 'p1' };
    await giveBack(redis, frame!.id, { processorId: 'p1', error: 'e', at: AT }, options);
    expect((await scene.readNew('retry'))[0]?.fields['attempt']).toBe('2');
  });
});

describe('a full memory', () => {
  it('makes each move happen whole or not at all, and the books can be read', async () => {
    for (const name of Object.keys(await moves())) {
      await scene.reset();
      const make = (await moves())[name]!;
      const before = await scene.books();
      await redis.config('SET', 'maxmemory', '1');
      try {
        await make().catch((error: unknown) => expect(String(error)).toContain('OOM'));
        const after = await scene.books();
        expect({ name, unaccounted: after.unaccounted, lost: after.lostUpstream }).toEqual({
          name,
          unaccounted: 0,
          lost: 0,
        });
        expect(after.captured).toBe(before.captured);
      } finally {
        await redis.config('SET', 'maxmemory', '0');
      }
    }
  });

  it('does not hide what a publisher trims', async () => {
    await scene.publish(5);
    await redis.xtrim(scene.keys.input, 'MAXLEN', 2);
    await redis.config('SET', 'maxmemory', '1');
    try {
      expect(await scene.books()).toMatchObject({ captured: 5, unread: 2, lostUpstream: 3, unaccounted: 0 });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
    }
  });
});
