import fc from 'fast-check';
import { createOrchestratorMetrics } from './orchestrator-metrics.ts';

function metricsOf() {
  return createOrchestratorMetrics({ version: '1.2.3', routingStrategy: 'least_loaded' });
}

/** Series to value: `name{label="value"}`. */
function seriesIn(text: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => {
      const [, series, value] = /^(\S+(?:\{.*\})?) (\S+)$/.exec(line) as unknown as [string, string, string];
      return [series, value === 'Nan' || value === 'NaN' ? NaN : Number(value)];
    }),
  );
}

describe('counters', () => {
  it('add up over scrapes', async () => {
    const metrics = metricsOf();
    metrics.consumed(10);
    metrics.routed('p-1', 'cam-1', 'handed_off');
    metrics.distributed('p-1', 'sent', 7);
    metrics.shed('drop_oldest', 2);
    metrics.processorDied();
    metrics.deadLettered('bad_record');
    metrics.spansLost(512);
    await metrics.text();
    metrics.consumed(5);
    metrics.routed('p-1', 'cam-1', 'handed_off');
    expect(seriesIn(await metrics.text())).toMatchObject({
      frame_buffer_frames_consumed_total: 15,
      'frame_buffer_frames_routed_total{processor_id="p-1",camera_id="cam-1",result="handed_off"}': 2,
      'frame_buffer_frames_distributed_total{processor_id="p-1",status="sent"}': 7,
      'frame_buffer_frames_shed_total{reason="drop_oldest"}': 2,
      frame_buffer_processor_deaths_total: 1,
      'frame_buffer_frames_dead_lettered_total{reason="bad_record"}': 1,
      frame_buffer_spans_lost_total: 512,
    });
  });

  it('without labels begin at 0', async () => {
    expect(seriesIn(await metricsOf().text())['frame_buffer_frames_consumed_total']).toBe(0);
  });

  it('with labels are visible at 0 where they were told so', async () => {
    const metrics = metricsOf();
    metrics.shed('room_full', 0);
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frames_shed_total{reason="room_full"}']).toBe(0);
  });

  it('that the ledger keeps are told as they stand there, once, however often they are scraped', async () => {
    const metrics = metricsOf();
    let frames = 3;
    metrics.observe({ lost: () => [['trimmed_unread', frames]] });
    const scraped = async () =>
      seriesIn(await metrics.text())['frame_buffer_frames_lost_total{reason="trimmed_unread"}'];
    expect([await scraped(), await scraped()]).toEqual([3, 3]);
    frames = 5;
    expect(await scraped()).toBe(5);
    metrics.observe({ lost: () => [] });
    expect(await scraped()).toBeUndefined();
  });

  it('ignore figures that are none', async () => {
    const metrics = metricsOf();
    for (const frames of [NaN, -1, Infinity]) metrics.consumed(frames);
    expect(seriesIn(await metrics.text())['frame_buffer_frames_consumed_total']).toBe(0);
  });

  it('count exactly, whenever they are scraped', async () => {
    const step = fc.oneof(
      fc.record({
        processor: fc.constantFrom('a', 'b', 'c'),
        camera: fc.constantFrom('x', 'y'),
        frames: fc.nat(5),
      }),
      fc.constant('scrape' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const metrics = metricsOf();
        const model = new Map<string, number>();
        for (const one of steps) {
          if (one === 'scrape') {
            await metrics.text();
            continue;
          }
          metrics.routed(one.processor, one.camera, 'ok', one.frames);
          const key = `frame_buffer_frames_routed_total{processor_id="${one.processor}",camera_id="${one.camera}",result="ok"}`;
          model.set(key, (model.get(key) ?? 0) + one.frames);
        }
        const routed = Object.entries(seriesIn(await metrics.text())).filter(([key]) =>
          key.includes('_routed_'),
        );
        expect(new Map(routed)).toEqual(model);
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it('of a removed processor are scraped once more, then disappear', async () => {
    const metrics = metricsOf();
    metrics.routed('gone', 'cam', 'ok');
    metrics.distributed('gone', 'sent');
    metrics.distributed('stays', 'sent');
    metrics.forgetProcessor('gone');
    expect(await metrics.text()).toContain('processor_id="gone"');
    const text = await metrics.text();
    expect(text).not.toContain('processor_id="gone"');
    expect(text).toContain('processor_id="stays"');
  });

  it('of a processor that comes back in between stay', async () => {
    const metrics = metricsOf();
    metrics.distributed('p', 'sent', 3);
    metrics.forgetProcessor('p');
    await metrics.text();
    metrics.distributed('p', 'sent', 1);
    await metrics.text();
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frames_distributed_total{processor_id="p",status="sent"}']).toBe(4);
  });

  it('of a processor that comes back later begin anew', async () => {
    const metrics = metricsOf();
    metrics.distributed('p', 'sent', 3);
    metrics.forgetProcessor('p');
    await metrics.text();
    await metrics.text();
    metrics.distributed('p', 'sent', 1);
    const series = seriesIn(await metrics.text());
    expect(series['frame_buffer_frames_distributed_total{processor_id="p",status="sent"}']).toBe(1);
  });
});
