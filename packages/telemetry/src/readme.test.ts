import { readFileSync } from 'node:fs';
import { createLogger, createOrchestratorMetrics, startTracing } from './index.ts';

describe('the example of the README', () => {
  it('is the code that runs here', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const [, here] = /\/\/ example-start\n(.*?)\s*\/\/ example-end/s.exec(source) ?? [];
    // Prettier breaks lines by their indentation, which differs: whitespace is not compared.
    const code = (text: string) => text.replace(/^import .*$/gm, '').replace(/\s+/g, '');
    expect(code(example).length).toBeGreaterThan(100);
    expect(code(here ?? '')).toBe(code(example));
  });

  it('runs', async () => {
    const record = {
      frame_id: 'f-1',
      camera_id: 'door',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    };
    // example-start
    const logger = createLogger({ service: 'orchestrator', level: 'info', format: 'pretty' });
    const tracing = startTracing({ serviceName: 'orchestrator', sampleRatio: 0.01 });
    const metrics = createOrchestratorMetrics({ version: '1.0.0', routingStrategy: 'least_loaded' });
    metrics.observe({ consumerLag: () => 12 });

    const trace = tracing.received(record);
    trace.route({ processorId: 'motion-1', load: 3, reason: 'fewest outstanding' });
    const target = { processorId: 'motion-1', queue: 'frames:ready:motion-1' };
    const copy = { ...record, ...trace.dispatch(target) };
    metrics.routed('motion-1', record.camera_id, 'handed_off');
    trace.end();
    logger.info('first frame handed off', { frame_id: copy.frame_id, ...trace.logFields });

    const exposition = await metrics.text();
    await tracing.shutdown();
    await logger.close();
    // example-end
    expect(copy.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/);
    expect(copy.traceparent).not.toBe(record.traceparent);
    expect(exposition).toContain('frame_buffer_consumer_lag 12');
    expect(exposition).toContain(
      'frame_buffer_frames_routed_total{processor_id="motion-1",camera_id="door",result="handed_off"} 1',
    );
  });
});
