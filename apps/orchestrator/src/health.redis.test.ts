/** A processor whose health endpoint fails gets no frames until it is well again. */
import { until } from '@frame-buffer/testing';
import { type HealthEndpoint, openHealthEndpoint } from './test-support/health-endpoint.ts';
import { openScene, type Scene } from './test-support/scene.ts';

// Its circuit must not be what takes it out.
const ENV = { HEALTH_PROBE_EVERY_MS: '50', CIRCUIT_FAILURES: '1000' };

let scene: Scene;
let endpoint: HealthEndpoint;

beforeAll(async () => {
  scene = await openScene();
});
beforeEach(async () => {
  endpoint = await openHealthEndpoint();
});
afterEach(async () => {
  await scene.clear();
  endpoint.close();
});
afterAll(() => scene.end());

/** Why `sick` would get no frame now. */
async function explained(url: string): Promise<string | undefined> {
  const frame = { frame_id: 'x', camera_id: 'c', detection_type: 'detect' };
  const response = await fetch(`${url}/frames/route`, { method: 'POST', body: JSON.stringify({ frame }) });
  const { explanations } = (await response.json()) as {
    explanations: { candidates: { processorId: string; excluded?: string }[] }[];
  };
  return explanations[0]?.candidates.find(({ processorId }) => processorId === 'sick')?.excluded;
}

it('A processor whose health endpoint fails twice gets no frames until it has recovered', async () => {
  const orchestrator = await scene.orchestrate(ENV);
  const served = { sick: 0, well: 0 };
  await scene.join(orchestrator, 'sick', () => void served.sick++, { healthEndpoint: endpoint.url });
  await scene.join(orchestrator, 'well', () => void served.well++);
  await until(() => endpoint.asked > 1, { what: 'the first probes' });
  expect(await explained(orchestrator.url)).toBeUndefined();
  endpoint.status = 500;
  await until(async () => (await explained(orchestrator.url)) === 'unhealthy', {
    what: 'it to be called unhealthy',
  });
  await scene.publish(20);
  await scene.completed(20);
  expect(served).toEqual({ sick: 0, well: 20 });
  endpoint.status = 200;
  await until(async () => (await explained(orchestrator.url)) === undefined, { what: 'it to recover' });
});

it('A run that comes in the place of an unhealthy one gets no frames either until it has answered well', async () => {
  const orchestrator = await scene.orchestrate(ENV);
  const { url } = orchestrator;
  const come = (instance_id: string, more: object): Promise<Response> => {
    const run = { id: 'sick', instance_id, takeover: true, capabilities: ['detect'], capacity: 1 };
    return fetch(`${url}/processors/register`, { method: 'POST', body: JSON.stringify({ ...run, ...more }) });
  };
  await scene.join(orchestrator, 'well', () => ({}));
  endpoint.status = 500;
  await come('first', { health_endpoint: endpoint.url });
  await until(async () => (await explained(url)) === 'unhealthy', { what: 'the first run to be unhealthy' });
  await come('second', { health_endpoint: endpoint.url });
  const before = endpoint.asked;
  await until(() => endpoint.asked > before + 3, { what: 'the second run to be asked' });
  expect(await explained(url)).toBe('unhealthy');
  endpoint.status = 200;
  await until(async () => (await explained(url)) === undefined, { what: 'it to recover' });
  endpoint.status = 500;
  await until(async () => (await explained(url)) === 'unhealthy', { what: 'it to be unhealthy again' });
  // One that can't be asked is taken at its word.
  await come('third', {});
  await until(async () => (await explained(url)) === undefined, { what: 'the third run to be free of it' });
});
