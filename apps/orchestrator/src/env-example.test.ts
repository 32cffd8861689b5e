/** docker/orchestrator.env.example explains every setting, and can be used as it is. */
import { readFileSync } from 'node:fs';
import { readConfig } from './config.ts';

const text = readFileSync(new URL('../../../docker/orchestrator.env.example', import.meta.url), 'utf8');
const given = [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);

it('has every setting, and nothing else', () => {
  const asked = new Set<string>();
  const env = new Proxy<Record<string, string | undefined>>(
    {},
    { get: (_target, name) => void asked.add(String(name)) },
  );
  readConfig(env);
  expect(given.map(([name]) => name).toSorted()).toEqual([...asked].toSorted());
});

it('gives only what is accepted, with the defaults as they are', () => {
  const defaults = readConfig({});
  expect(defaults.ok).toBe(true);
  expect(readConfig(Object.fromEntries(given))).toEqual({
    ok: true,
    config: {
      ...(defaults.ok ? defaults.config : {}),
      inputStream: 'frames:metadata',
      orchestratorId: expect.any(String),
      routingStrategy: 'affinity',
    },
  });
});
