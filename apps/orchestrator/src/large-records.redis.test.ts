import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const LIMIT = 64 * 1024;
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

/** A record of so many bytes in all, unlike the others: what is the same in a batch is told once. */
function padded(frameId: string, bytes: number): string[] {
  const fields = ['frame_id', frameId, 'camera_id', 'c', 'detection_type', 'detect', 'pad'];
  return [...fields, frameId.padEnd(bytes - fields.join('').length, 'x')];
}

describe('a record that is as large as it may be', () => {
  it.each([
    ['bytes', padded('f', LIMIT)],
    [
      'fields',
      [...padded('f', 100), ...Array.from({ length: 1000 - 4 }, (_none, i) => [`field${i}`, 'v']).flat()],
    ],
  ])('becomes a result, also after attempts that failed: %s', async (_what, record) => {
    const orchestrator = await scene.orchestrate();
    await scene.join(orchestrator, 'p1', ({ attempt }) => {
      if (attempt < 3) throw new Error('e'.repeat(900));
      return {};
    });
    await scene.redis.xadd(keys.input, '*', ...record);
    await scene.completed(1);
    expect(await scene.entries(keys.deadLetter)).toEqual([]);
    expect((await scene.entries(keys.results))[0]).toMatchObject({ frame_id: 'f', attempt: '3' });
  });
});

describe('many large records', () => {
  /** How long the requests of all scripts were that ran meanwhile, in bytes. */
  async function requestsDuring(act: () => Promise<unknown>): Promise<number[]> {
    await scene.redis.config('SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '100000');
    await scene.redis.slowlog('RESET');
    await act();
    const log = (await scene.redis.slowlog('GET', 100_000)) as [number, number, number, string[]][];
    return log.flatMap(([, , , [command, ...args]]) => {
      const longer = /\((\d+) more bytes\)$/.exec(args.at(-1) ?? '');
      return command?.toLowerCase().startsWith('eval') && longer ? [Number(longer[1])] : [];
    });
  }

  it.each([
    ['handed off', LIMIT - 100, keys.ready('p1')],
    ['dead letters', LIMIT + 100, keys.deadLetter],
  ])('do not hold up Redis for long: %s', async (_what, bytes, stream) => {
    const orchestrator = await scene.orchestrate();
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    await scene.join(orchestrator, 'p1', () => gate, { concurrency: 100 });
    const pause = (what: string) => fetch(`${orchestrator.url}/control/${what}`, { method: 'POST' });
    await pause('pause');
    for (let i = 0; i < 50; i++) await scene.redis.xadd(keys.input, '*', ...padded(`f${i}`, bytes));
    const requests = await requestsDuring(async () => {
      await pause('resume');
      await until(async () => (await scene.redis.xlen(stream)) === 50, { what: 'all of them to be there' });
    });
    expect(Math.max(...requests)).toBeGreaterThan(4 * LIMIT);
    expect(Math.max(...requests)).toBeLessThan(10 * LIMIT);
    open();
  });
});
