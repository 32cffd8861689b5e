import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onInterrupt, provideRedis } from './index.ts';
import { redisProcessId } from './redis-answer.ts';

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

  it('leaves nothing behind', async () => {
    const said: string[] = [];
    const console = { info: (message: string) => said.push(message) };
    const drain = new AbortController();
    const redisUrl = undefined;
    // example-start
    const redis = await provideRedis({ redisUrl, logger: console });
    const stopListening = onInterrupt((count) => (count === 1 ? drain.abort() : process.exit(130)));
    // ... redis.url, redis.origin
    stopListening();
    await redis.stop();
    // example-end
    expect([said.length, await redisProcessId(Number(new URL(redis.url).port))]).toEqual([1, undefined]);
  });
});
