/** docker/orchestrator.env.example explains every setting, and can be used as it is. */
import { namesReadBy, readEnvExample } from '@frame-buffer/testing';
import { readConfig } from './config.ts';

const given = readEnvExample('orchestrator.env.example');

it('has every setting, and nothing else', () => {
  expect(Object.keys(given).toSorted()).toEqual(namesReadBy(readConfig).toSorted());
});

it('gives only what is accepted, with the defaults as they are', () => {
  const defaults = readConfig({});
  expect(defaults.ok).toBe(true);
  expect(readConfig(given)).toEqual({
    ok: true,
    config: {
      ...(defaults.ok ? defaults.config : {}),
      inputStream: 'frames:metadata',
      orchestratorId: expect.any(String),
      routingStrategy: 'affinity',
    },
  });
});
