import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { frameRecord, startRedis, startTcpProxy, until } from './index.ts';

/** The lines between the markers, without their indentation. */
function exampleHere(): string {
  const [, example = ''] = readFileSync(import.meta.filename, 'utf8').split(
    /^ *\/\/ example-(?:start|end)\n/m,
  );
  return example.replaceAll(/^ {4}/gm, '').trim();
}

describe('the example of the README', () => {
  it('is the one that is run here', () => {
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
    expect(/```ts\n([\s\S]*?)```/.exec(readme)?.[1]?.trim()).toBe(exampleHere());
  });

  it('does what the README says', async () => {
    // example-start
    const server = await startRedis({ appendOnly: true });
    const proxy = await startTcpProxy(server.port);
    const redis = new Redis(proxy.url);
    await redis.ping();

    const answerIsLost = proxy.cutAfter(0, 'down');
    const id = redis.xadd('frames:metadata', '*', ...Object.entries(frameRecord()).flat());
    await answerIsLost;
    await id; // the client connected again and sent it a second time
    const length = await until(() => redis.xlen('frames:metadata'), { what: 'the frames to arrive' });

    redis.disconnect();
    await proxy.stop();
    await server.stop();
    // example-end
    expect(length).toBe(2);
  });
});
