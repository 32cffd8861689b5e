import { until } from '@frame-buffer/testing';
import type { ProcessorFrame } from './frame.ts';
import { ProcessorClient } from './processor-client.ts';
import { frameIds, TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();

class Labeller extends ProcessorClient {
  readonly seen: string[] = [];

  override processFrame(frame: ProcessorFrame): { label: string } {
    if (frame.frameId === 'f1') throw new Error('no label');
    this.seen.push(frame.frameId);
    return { label: `of ${frame.cameraId}` };
  }
}

describe('a class that extends ProcessorClient', () => {
  it('works as a processor from a function does', async () => {
    const labeller = new Labeller({ id: 'p1', capabilities: ['detect'], ...bed.options() });
    const run = labeller.run();
    await until(() => labeller.ready(), { what: 'it to register' });
    await bed.dispatch(3);
    expect(await bed.completed(2)).toEqual(['f0', 'f2']);
    expect((await bed.returned(1))[0]?.['errors']).toContain('no label');
    expect((await bed.results())[0]).toMatchObject({ label: 'of camera-1', processor_id: 'p1' });
    await labeller.stop();
    await run;
    expect(labeller.seen).toEqual(frameIds(3).filter((id) => id !== 'f1'));
    expect([labeller.id, labeller.active(), labeller.ready()]).toEqual(['p1', 0, false]);
  });
});
