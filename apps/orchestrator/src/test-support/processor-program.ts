/** A processor as a program of its own, so that it can be killed. Its id is the first argument, what it can do the second. */
import { createProcessor } from '@frame-buffer/processor-client';

const [, , id = '', capability = ''] = process.argv;
await createProcessor({
  id,
  capabilities: [capability],
  concurrency: 4,
  process: (frame) => {
    if (frame.frameId.startsWith('broken')) throw new Error('the picture is broken');
    return { seen: 1 };
  },
}).run();
