import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

const { ledger } = keyNames();
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

it('books whose ledger somebody deleted are opened again, and balance', async () => {
  const orchestrator = await scene.orchestrate();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  await scene.join(orchestrator, 'p1', () => gate, { concurrency: 2 });
  await scene.publish(3);
  await until(async () => (await scene.books())?.outstanding === 3, { what: 'frames in the queue' });
  await scene.redis.del(ledger);
  await until(async () => (await scene.books()) !== undefined, { what: 'books' });
  expect(await scene.books()).toMatchObject({ captured: 3, outstanding: 3, unaccounted: 0 });
  const answer = await fetch(`${orchestrator.url}/frames/ledger`);
  expect(answer.status).toBe(200);
  open();
  await scene.completed(3);
  await until(async () => (await scene.books())?.completed === 3, { what: 'the books to say so' });
  expect(await scene.books()).toMatchObject({ captured: 3, outstanding: 0, unaccounted: 0 });
});
