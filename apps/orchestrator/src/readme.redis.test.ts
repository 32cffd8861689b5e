/** The tables of the README say what is there. */
import { readFileSync } from 'node:fs';
import { silentLogger } from '@frame-buffer/telemetry';
import { startRedis } from '@frame-buffer/testing';
import { startOrchestrator } from './compose.ts';
import { readConfig } from './config.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const firstCells = (pattern: RegExp): string[] =>
  [...readme.matchAll(pattern)].map(([, cell]) => cell ?? '').toSorted();

it('names every setting', () => {
  const asked = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    { get: (_target, name) => void asked.add(String(name)) },
  );
  expect(readConfig(env).ok).toBe(true);
  expect(firstCells(/^\| `([A-Z_]+)` /gm)).toEqual([...asked].toSorted());
});

it('names every endpoint', async () => {
  const server = await startRedis();
  const outcome = readConfig({ REDIS_URL: server.url, PORT: '0' });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  const orchestrator = await startOrchestrator(outcome.config, silentLogger);
  const { paths } = (await (await fetch(`${orchestrator.url}/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  await orchestrator.stop();
  await server.stop();
  const served = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  );
  expect(firstCells(/^\| `([A-Z]+ \/\S*)` /gm)).toEqual(served.toSorted());
});
