import { readFileSync } from 'node:fs';
import { until } from '@frame-buffer/testing';
import { createProcessor } from './index.ts';
import { keys, TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();
const code = (text = ''): string =>
  text
    .replace(/^import .*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

describe('the example of the README', () => {
  it('is the code that runs here', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const [, here] =
      /\/\/ example-start\n(.*?)\/\/ example-end/s.exec(readFileSync(import.meta.filename, 'utf8')) ?? [];
    const example = code(/```ts\n(.*?)```/s.exec(readme)?.[1]);
    expect(example.length).toBeGreaterThan(200);
    expect(code(here)).toBe(example);
  });

  it('measures the brightness of a frame', async () => {
    const { orchestratorUrl, redisUrl } = bed.options();
    await bed.redis.set('pixels:grey', Buffer.from([10, 20, 30]));
    const dispatched = (async () => {
      await until(() => bed.orchestrator.registration('brightness-1'), { what: 'the example to register' });
      const fields = { storage_path: 'pixels:grey', metadata: '', detection_type: 'brightness' };
      await bed.dispatch(1, fields, 'brightness-1');
      await bed.completed(1);
      process.emit('SIGTERM');
    })();
    // example-start
    const processor = createProcessor({
      id: 'brightness-1',
      capabilities: ['brightness'],
      concurrency: 4,
      orchestratorUrl, // such as http://127.0.0.1:8002
      redisUrl, // such as redis://127.0.0.1:6379
      async process(frame, { logger }) {
        const pixels = await frame.image(); // wherever they are kept; here grey ones, a byte each
        logger.debug('measuring', { bytes: pixels.length });
        return { mean: pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length };
      },
    });
    await processor.run(); // registers, sends heartbeats, drains on SIGTERM, registers again when it was forgotten
    // example-end
    await dispatched;
    expect((await bed.entries(keys.results))[0]).toMatchObject({ mean: '20', processor_id: 'brightness-1' });
  });
});
