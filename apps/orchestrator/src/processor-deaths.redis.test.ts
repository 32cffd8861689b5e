import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const deathsAt = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^frame_buffer_processor_deaths_total (\d+)$/m.exec(text)?.[1]);
};

it('counts a processor without a heartbeat once among all orchestrators, and one that leaves not at all', async () => {
  const [first, second] = [await scene.orchestrate(), await scene.orchestrate()];
  const register = (id: string): Promise<Response> => {
    const body = JSON.stringify({ id, capabilities: ['detect'], capacity: 1, lease_ms: 1_000 });
    return fetch(`${first.url}/processors/register`, { method: 'POST', body });
  };
  await register('leaves');
  await fetch(`${first.url}/processors/leaves`, { method: 'DELETE' });
  await register('dies');
  const deaths = async (): Promise<number> => (await deathsAt(first.url)) + (await deathsAt(second.url));
  expect(await deaths()).toBe(0);
  await until(async () => (await deaths()) === 1, { what: 'the death', deadlineMs: 15_000 });
  const left = (await (await fetch(`${second.url}/processors`)).json()) as unknown[];
  expect([left, await deaths()]).toEqual([[], 1]);
}, 30_000);
