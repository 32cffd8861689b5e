/** A processor whose health endpoint fails gets no frames until it is well again. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

it('A processor whose health endpoint fails twice gets no frames until it has recovered', async () => {
  let status = 200;
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const healthEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
  try {
    // Its circuit must not be what takes it out.
    const orchestrator = await scene.orchestrate({ HEALTH_PROBE_EVERY_MS: '50', CIRCUIT_FAILURES: '1000' });
    const served = { sick: 0, well: 0 };
    await scene.join(orchestrator, 'sick', () => void served.sick++, { healthEndpoint });
    await scene.join(orchestrator, 'well', () => void served.well++);
    const explained = async (): Promise<string | undefined> => {
      const frame = { frame_id: 'x', camera_id: 'c', detection_type: 'detect' };
      const response = await fetch(`${orchestrator.url}/frames/route`, {
        method: 'POST',
        body: JSON.stringify({ frame }),
      });
      const { explanations } = (await response.json()) as {
        explanations: { candidates: { processorId: string; excluded?: string }[] }[];
      };
      return explanations[0]?.candidates.find(({ processorId }) => processorId === 'sick')?.excluded;
    };
    await until(() => asked > 1, { what: 'the first probes' });
    expect(await explained()).toBeUndefined();
    status = 500;
    await until(async () => (await explained()) === 'unhealthy', { what: 'it to be called unhealthy' });
    await scene.publish(20);
    await scene.completed(20);
    expect(served).toEqual({ sick: 0, well: 20 });
    status = 200;
    await until(async () => (await explained()) === undefined, { what: 'it to recover' });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
