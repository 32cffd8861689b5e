/** A processor that hangs, with frames in its hands, while its heartbeats go on: its health probes tell, and what it does with its queue. */
import { setTimeout as sleep } from 'node:timers/promises';
import { keyNames } from '@frame-buffer/models';
import { completeFrames, type EntryReply } from '@frame-buffer/stream-consumer';
import { type Logger, silentLogger } from '@frame-buffer/telemetry';
import { until } from '@frame-buffer/testing';
import { type HealthEndpoint, openHealthEndpoint } from './test-support/health-endpoint.ts';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const ENV = {
  HEALTH_PROBE_EVERY_MS: '50',
  HEALTH_PROBE_TIMEOUT_MS: '200',
  HEALTH_PROBE_PATIENCE_MS: '2000',
  // Neither its circuit nor an unread queue must be what takes it out.
  CIRCUIT_FAILURES: '10000',
  SILENT_QUEUE_MS: '600000',
};
const ENTRIES_READ = 4;

let scene: Scene;
let endpoint: HealthEndpoint;
let errors: string[];
const logger: Logger = { ...silentLogger, error: (text) => void errors.push(text) };

beforeAll(async () => {
  scene = await openScene();
});
beforeEach(async () => {
  errors = [];
  endpoint = await openHealthEndpoint();
});
afterEach(async () => {
  await scene.clear();
  endpoint.close();
});
afterAll(() => scene.end());

const post = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(body) });
const ids = async (url: string): Promise<string[]> =>
  ((await (await fetch(`${url}/processors`)).json()) as { id: string }[]).map(({ id }) => id).toSorted();
const probes = (count: number): Promise<unknown> => {
  const before = endpoint.asked;
  return until(() => endpoint.asked >= before + count, { what: `${count} more probes`, deadlineMs: 20_000 });
};

/** A program of which only the thread that sends heartbeats is alive; what it reads stays in its hands. */
async function fake(url: string, id: string, more: object = {}) {
  const instance_id = `${id}-run`;
  const about = { id, instance_id, capabilities: [id], capacity: 10, completion: 'delete', lease_ms: 5_000 };
  await post(`${url}/processors/register`, { ...about, ...more });
  const ending = new AbortController();
  const beats: number[] = [];
  const beating = (async () => {
    while (!ending.signal.aborted) {
      beats.push((await post(`${url}/processors/heartbeat`, { processor_id: id, instance_id })).status);
      await sleep(100, undefined, { signal: ending.signal }).catch(() => {});
    }
  })();
  return {
    beats,
    async read(count: number): Promise<string[]> {
      const at = [keys.ready(id), '>'] as const;
      const reply = await scene.redis.xreadgroup(
        'GROUP',
        'frame-processors',
        id,
        'COUNT',
        count,
        'STREAMS',
        ...at,
      );
      return ((reply as [string, EntryReply[]][] | null)?.[0]?.[1] ?? []).map(([entryId]) => entryId);
    },
    async end() {
      ending.abort();
      await beating;
    },
  };
}
const outstanding = (count: number) =>
  until(async () => (await scene.books())?.outstanding === count, { what: `${count} frames in queues` });

describe('a processor that hangs and still sends heartbeats', () => {
  it.each([
    ['answers 500', 500, 'it answered 500'],
    ['does not answer', undefined, 'no answer within 200 ms'],
  ])(
    'and whose health endpoint %s loses its whole queue to others',
    async (_name, answer, reason) => {
      const [first, second] = [await scene.orchestrate(ENV, logger), await scene.orchestrate(ENV, logger)];
      const hung = await fake(first.url, 'detect', { health_endpoint: endpoint.url });
      // It does as little, but nobody asks it how it is.
      const unasked = await fake(first.url, 'unasked');
      try {
        await scene.publish(11, (i) => ({ detection_type: i === 10 ? 'unasked' : 'detect' }));
        await outstanding(11);
        const entryIds = await hung.read(ENTRIES_READ);
        expect([entryIds.length, (await unasked.read(1)).length]).toEqual([ENTRIES_READ, 1]);
        endpoint.status = answer;
        await scene.join(first, 'good', () => ({}));
        await scene.completed(10, 20_000);

        const late = entryIds.map((entryId) => ({ entryId, result: { frame_id: 'late' } }));
        const options = {
          keys,
          queue: { queue: keys.ready('detect'), group: 'frame-processors' },
          processorId: 'detect',
        };
        const published = await completeFrames(scene.redis, late, {
          ...options,
          results: keys.results,
          capacity: 10,
        });
        expect(published).toEqual(entryIds.map(() => false));
        const results = await scene.entries(keys.results);
        expect(results.map(({ frame_id }) => frame_id).toSorted()).toEqual(
          Array.from({ length: 10 }, (_none, i) => `f${i}`).toSorted(),
        );
        // Those that it had read count as an attempt, the others don't.
        expect(results.filter(({ attempt }) => attempt === '2')).toHaveLength(ENTRIES_READ);
        expect(await scene.books()).toMatchObject({
          completed: 10,
          outstanding: 1,
          deadLettered: 0,
          unaccounted: 0,
        });
        await until(() => hung.beats.at(-1) === 404, { what: 'its heartbeats to be refused' });
        expect(await ids(second.url)).toEqual(['good', 'unasked']);

        expect(errors).toHaveLength(1);
        expect(errors[0]).toContain('processor detect is dead');
        expect(errors[0]).toContain(reason);
        const deaths = await Promise.all(
          [first, second].map(async ({ url }) => {
            const text = await (await fetch(`${url}/metrics`)).text();
            return Number(/^frame_buffer_processor_deaths_total (\d+)$/m.exec(text)?.[1]);
          }),
        );
        expect(deaths.toSorted()).toEqual([0, 1]);
      } finally {
        await Promise.all([hung.end(), unasked.end()]);
      }
    },
    40_000,
  );
});

describe('a processor whose health probes fail keeps its queue', () => {
  it('while it finishes frames, though it is the only one and slow', async () => {
    const orchestrator = await scene.orchestrate(ENV, logger);
    endpoint.status = 500;
    await scene.join(orchestrator, 'slow', () => sleep(400), { healthEndpoint: endpoint.url, capacity: 12 });
    await scene.publish(12);
    await scene.completed(12, 20_000);
    const results = await scene.entries(keys.results);
    expect(results.map(({ processor_id, attempt }) => `${processor_id} ${attempt}`)).toEqual(
      Array(12).fill('slow 1'),
    );
    expect([await ids(orchestrator.url), errors]).toEqual([['slow'], []]);
  }, 40_000);

  it('while it reads frames, though it finishes none', async () => {
    const orchestrator = await scene.orchestrate(ENV, logger);
    const slow = await fake(orchestrator.url, 'detect', { health_endpoint: endpoint.url });
    try {
      await scene.publish(8);
      await outstanding(8);
      endpoint.status = 500;
      for (let i = 0; i < 8; i++) {
        // A quarter of the patience.
        await probes(8);
        expect(await slow.read(1)).toHaveLength(1);
      }
      expect([await ids(orchestrator.url), errors]).toEqual([['detect'], []]);
    } finally {
      await slow.end();
    }
  }, 40_000);

  it('while there is nothing in it', async () => {
    const orchestrator = await scene.orchestrate(ENV, logger);
    endpoint.status = 500;
    const idle = await fake(orchestrator.url, 'detect', { health_endpoint: endpoint.url });
    try {
      // Twice the patience.
      await probes(80);
      expect([await ids(orchestrator.url), errors]).toEqual([['detect'], []]);
    } finally {
      await idle.end();
    }
  }, 40_000);
});
