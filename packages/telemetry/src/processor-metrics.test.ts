import { createProcessorMetrics } from './processor-metrics.ts';

describe('createProcessorMetrics', () => {
  it('has every metric of the design with its type', async () => {
    const text = await createProcessorMetrics({ processorId: 'p-1' }).text();
    expect(text.match(/^# TYPE .*$/gm)?.sort()).toEqual([
      '# TYPE processor_active_tasks gauge',
      '# TYPE processor_frames_processed_total counter',
      '# TYPE processor_processing_duration_seconds histogram',
      '# TYPE processor_results_fenced_total counter',
    ]);
  });

  it('counts frames by how they ended, and fenced results once more', async () => {
    const metrics = createProcessorMetrics({ processorId: 'p-1' });
    metrics.onFrame('completed', 12);
    metrics.onFrame('completed', 14);
    metrics.onFrame('failed', 1);
    metrics.onFrame('fenced', 20);
    const text = await metrics.text();
    expect(text).toContain('processor_frames_processed_total{processor_id="p-1",result="completed"} 2');
    expect(text).toContain('processor_frames_processed_total{processor_id="p-1",result="failed"} 1');
    expect(text).toContain('processor_frames_processed_total{processor_id="p-1",result="fenced"} 1');
    expect(text).toContain('processor_results_fenced_total 1');
  });

  it('shows a result of each kind at 0 from the start, so that the first failure is an increase', async () => {
    const text = await createProcessorMetrics({ processorId: 'p-1' }).text();
    expect(text).toContain('processor_frames_processed_total{processor_id="p-1",result="failed"} 0');
    expect(text).toContain('processor_results_fenced_total 0');
  });

  it('times frames, and steps of the processor by name, in seconds', async () => {
    const metrics = createProcessorMetrics({ processorId: 'p-1' });
    metrics.onFrame('completed', 12);
    metrics.operation('decode', 0.004);
    const text = await metrics.text();
    const name = 'processor_processing_duration_seconds';
    expect(text).toContain(`${name}_sum{processor_id="p-1",operation="frame"} 0.012`);
    expect(text).toContain(`${name}_bucket{processor_id="p-1",operation="decode",le="0.005"} 1`);
  });

  it('reads the frames in process at the scrape; unknown is NaN', async () => {
    const metrics = createProcessorMetrics({ processorId: 'p-1' });
    expect(await metrics.text()).toMatch(/^processor_active_tasks Nan$/im);
    metrics.observe({ activeTasks: () => 3 });
    expect(await metrics.text()).toContain('processor_active_tasks 3');
  });
});
