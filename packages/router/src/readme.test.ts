/* eslint-disable @nx/enforce-module-boundaries -- users import it by its name */
import { readFile } from 'node:fs/promises';

// example-start
import { createPriorityQueue, createRouter } from '@frame-buffer/router';

const router = createRouter({ strategy: 'least_loaded' });
router.put({ id: 'gpu-1', capabilities: ['face_detection'], capacity: 4 });
router.put({
  id: 'gpu-2',
  capabilities: ['face_detection'],
  capacity: 4,
  maxWidth: 1920,
});

const waiting = createPriorityQueue<string>();
waiting.push('cam-1-17', 0);
waiting.push('cam-2-42', 9); // of a higher class, goes first

/** Hands off what waits, as far as there is credit; in the end each call of `send` is one frame for one processor. */
function dispatch(send: (frame: string, processorId: string) => void): void {
  while (waiting.size > 0 && router.hasCredit('face_detection')) {
    const frame = waiting.pop() as string;
    const cameraId = frame.slice(0, 5);
    const decision = router.decide({
      capability: 'face_detection',
      cameraId,
      width: 3840,
    });
    if (decision.processorId === undefined) throw new Error(`no processor: ${decision.why}`);
    router.reserve(decision.processorId); // one more outstanding, until setOutstanding says otherwise
    send(frame, decision.processorId);
  }
}
// example-end

async function textOf(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}

describe('the example of the README', () => {
  it('is the one that runs here', async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(await textOf('../README.md'))?.[1];
    const [, here] =
      /\/\/ example-start\n([\s\S]*?)\/\/ example-end/.exec(await textOf('readme.test.ts')) ?? [];
    expect(example).toBeDefined();
    expect(example).toBe(here);
  });

  it('hands off the higher class first, to the processor that takes frames of this size', () => {
    const sent: [frame: string, processorId: string][] = [];
    dispatch((frame, processorId) => sent.push([frame, processorId]));
    expect(sent).toEqual([
      ['cam-2-42', 'gpu-1'],
      ['cam-1-17', 'gpu-1'],
    ]);
    expect(router.outstanding('gpu-1')).toBe(2);
  });
});
