import { readFileSync } from 'node:fs';
import { keyNames } from '@frame-buffer/models';
import { startRedis } from '@frame-buffer/testing';
import { camerasOf, startCapture } from './index.ts';

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8');
const squeezed = (code = ''): string => code.replace(/\s+/g, ' ').trim();

describe('the example of the README', () => {
  it('is the code below', () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(read('../README.md'))?.[1];
    const tested = /\/\/ example-start\n([\s\S]*?)\/\/ example-end/.exec(read('./readme.redis.test.ts'))?.[1];
    expect(squeezed(shown)).not.toBe('');
    expect(squeezed(shown)).toBe(squeezed(tested));
  });

  it('captures two cameras', async () => {
    const server = await startRedis();
    const redisUrl = server.url;
    const lines: string[] = [];
    const console = { info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
    // example-start
    const capture = startCapture({
      redis: redisUrl,
      keys: keyNames(),
      cameras: camerasOf({ sources: [{ kind: 'pattern' }], count: 2, fps: 10 }),
      storage: { backend: 'redis', ttlMs: 60_000 },
      logger: console,
      signal: AbortSignal.timeout(2_000),
    });
    const cameras = await capture.done;
    for (const { cameraId, published } of cameras) console.info(`${cameraId}: ${published} frames`);
    // example-end
    await server.stop();
    expect(lines.slice(-2)).toEqual([
      expect.stringMatching(/^camera-1: [1-9]\d* frames$/),
      expect.stringMatching(/^camera-2: [1-9]\d* frames$/),
    ]);
  });
});
