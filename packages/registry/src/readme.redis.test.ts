/* eslint-disable @nx/enforce-module-boundaries -- users import it by its name */
import { readFileSync } from 'node:fs';
// example-start
import { keyNames } from '@frame-buffer/models';
import { createRegistry } from '@frame-buffer/registry';
// example-end
import { startRedis } from '@frame-buffer/testing';
import { Redis } from 'ioredis';

it("the README's example runs", async () => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  // example-start
  const registry = createRegistry({ client: redis, keys: keyNames() });

  const outcome = await registry.register({
    id: 'motion-1',
    capabilities: ['motion'],
    capacity: 4,
    lease_ms: 5_000,
  });
  if (outcome.kind === 'conflict') throw new Error(`${outcome.holder.id} is already registered`);

  await registry.heartbeat({ processor_id: 'motion-1', status: 'healthy' });
  const processors = await registry.list();

  for (const { registration } of await registry.removeDead()) console.log(`${registration.id} died`);
  // example-end
  expect(processors.map(({ registration }) => registration.id)).toEqual(['motion-1']);
  redis.disconnect();
  await server.stop();
});

it('is the code above', () => {
  const folded = (text: string): string => text.replace(/\s+/g, '');
  const own = readFileSync(new URL('./readme.redis.test.ts', import.meta.url), 'utf8');
  const shown = [...own.matchAll(/\/\/ example-start\n([\s\S]+?)\/\/ example-end/g)]
    .map(([, code]) => code)
    .join('');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(folded(/```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? '')).toBe(folded(shown));
});
