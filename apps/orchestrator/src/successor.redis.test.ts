/** A run of a processor comes in the place of another: what the former one had goes to others, once, whoever dies over it. */
import { keyNames, type RegistrationRequest } from '@frame-buffer/models';
import { createRegistry } from '@frame-buffer/registry';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

/** Some chunks of taking back, and more than the waiting room: hand-off is always at its heels. */
const CAPACITY = 2_000;
const keys = keyNames();
const QUEUE = keys.ready('p1');
const request = (instanceId: string): RegistrationRequest => ({
  id: 'p1',
  instance_id: instanceId,
  capabilities: ['detect'],
  capacity: CAPACITY,
  completion: 'delete',
  lease_ms: 60_000,
});

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const ask = async (url: string, path: string, method: string, body?: object): Promise<number> =>
  (await fetch(`${url}/processors${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) }))
    .status;
const register = (url: string, instanceId: string): Promise<number> =>
  ask(url, '/register', 'POST', { ...request(instanceId), takeover: true });
const queued = (count: number): Promise<unknown> =>
  until(async () => (await scene.redis.xlen(QUEUE)) === count, {
    what: `${count} frames in the queue`,
    deadlineMs: 20_000,
  });
const retried = async (): Promise<number> => Number(await scene.redis.hget(keys.ledger, 'retried'));

/** The run reads so many frames, and has no more to do with us. @returns how many it got */
async function take(instanceId: string, count: number): Promise<number> {
  const reply = (await scene.redis.xreadgroup(
    'GROUP',
    'frame-processors',
    instanceId,
    'COUNT',
    count,
    'STREAMS',
    QUEUE,
    '>',
  )) as [string, unknown[]][] | null;
  return reply?.[0]?.[1].length ?? 0;
}

it('takes each frame of a large queue back once, however eagerly others are handed off meanwhile', async () => {
  const { url } = await scene.orchestrate();
  await register(url, 'one');
  await scene.publish(2 * CAPACITY);
  await queued(CAPACITY);
  expect(await take('one', 1_000)).toBe(1_000);
  expect(await register(url, 'two')).toBe(201);
  await queued(CAPACITY);
  expect(await retried()).toBe(CAPACITY);
  expect(await scene.books()).toMatchObject({ outstanding: CAPACITY, deadLettered: 0, unaccounted: 0 });
}, 60_000);

it('is in after the former run has left or died, though its frames are being taken back', async () => {
  const { url } = await scene.orchestrate();
  await register(url, 'one');
  await scene.publish(2 * CAPACITY);
  await queued(CAPACITY);
  await take('one', 1_000);
  expect(await Promise.all([ask(url, '/p1', 'DELETE'), register(url, 'two')])).toEqual([200, 201]);
  await queued(CAPACITY);
  expect(await retried()).toBe(CAPACITY);
}, 60_000);

it('leaves nothing with the former run though the orchestrator died that let it in', async () => {
  const { url } = await scene.orchestrate();
  await register(url, 'one');
  await scene.publish(50);
  await queued(50);
  await take('one', 50);
  // As much of letting it in as an orchestrator does before it dies.
  const dying = createRegistry({ client: scene.redis, keys });
  expect((await dying.register({ ...request('two'), takeover: true })).kind).toBe('unsettled');
  expect(await register(url, 'two')).toBe(201);
  await queued(50);
  expect(await take('two', 100)).toBe(50);
  expect(await scene.books()).toMatchObject({ outstanding: 50, unaccounted: 0 });
}, 60_000);

it('gives the frames of the former run to others though nobody comes in its place', async () => {
  const { url } = await scene.orchestrate();
  await register(url, 'one');
  await scene.publish(50);
  await queued(50);
  await take('one', 50);
  const dying = createRegistry({ client: scene.redis, keys });
  await dying.register({ ...request('two'), takeover: true });
  const other = { ...request('other'), id: 'p2' };
  expect(await ask(url, '/register', 'POST', other)).toBe(201);
  await until(async () => (await scene.redis.xlen(keys.ready('p2'))) === 50, { what: 'the frames at p2' });
  expect(await scene.books()).toMatchObject({ outstanding: 50, unaccounted: 0 });
}, 60_000);
