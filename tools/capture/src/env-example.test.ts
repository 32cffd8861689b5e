/** docker/capture.env.example explains every setting, and can be used as it is. */
import { readFileSync } from 'node:fs';
import { environment } from './config.ts';

const text = readFileSync(new URL('../../../docker/capture.env.example', import.meta.url), 'utf8');
const given = [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]);

it('has every setting, and nothing else', () => {
  const asked = new Set<string>();
  environment(new Proxy<NodeJS.ProcessEnv>({}, { get: (_target, name) => void asked.add(String(name)) }));
  expect(given.map(([name]) => name).toSorted()).toEqual([...asked].toSorted());
});

it('gives the defaults', () => {
  expect(environment(Object.fromEntries(given))).toEqual({
    ...environment({}),
    inputStream: 'frames:metadata',
  });
});
