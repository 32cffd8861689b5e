import { createProcessorMetrics } from '@frame-buffer/telemetry';
import { type HealthServer, startHealthServer } from './health-server.ts';

let isReady = true;
let server: HealthServer;
const metrics = createProcessorMetrics({ processorId: 'p1', activeTasks: () => 3 });

beforeEach(async () => {
  isReady = true;
  server = await startHealthServer({ port: 0, host: '127.0.0.1', ready: () => isReady, metrics });
});
afterEach(() => server.close());

describe('the health server', () => {
  it('says whether the processor is ready', async () => {
    const ready = await fetch(`${server.url}/health`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ok' }]);
    isReady = false;
    const notReady = await fetch(`${server.url}/health?verbose`);
    expect([notReady.status, await notReady.json()]).toEqual([503, { status: 'not ready' }]);
  });

  it('gives its figures to Prometheus', async () => {
    metrics.onFrame('completed', 5);
    const response = await fetch(`${server.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('processor_frames_processed_total{processor_id="p1",result="completed"} 1');
    expect(text).toContain('processor_active_tasks 3');
  });

  it('knows nothing else', async () => {
    expect((await fetch(`${server.url}/other`)).status).toBe(404);
  });

  it('answers figures that fail with a fault of its own', async () => {
    const text = () => Promise.reject(new Error('no figures'));
    const failing = await startHealthServer({
      port: 0,
      host: '127.0.0.1',
      ready: () => true,
      metrics: { contentType: 'text/plain', text },
    });
    expect((await fetch(`${failing.url}/metrics`)).status).toBe(500);
    expect((await fetch(`${failing.url}/health`)).status).toBe(200);
    await failing.close();
  });

  it('rejects where the port is taken', async () => {
    const port = Number(new URL(server.url).port);
    await expect(startHealthServer({ port, host: '127.0.0.1', ready: () => true, metrics })).rejects.toThrow(
      'EADDRINUSE',
    );
  });
});
