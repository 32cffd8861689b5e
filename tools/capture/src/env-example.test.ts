/** docker/capture.env.example explains every setting, and can be used as it is. */
import { namesReadBy, readEnvExample } from '@frame-buffer/testing';
import { environment } from './config.ts';

const given = readEnvExample('capture.env.example');

it('has every setting, and nothing else', () => {
  expect(Object.keys(given).toSorted()).toEqual(namesReadBy(environment).toSorted());
});

it('gives the defaults', () => {
  expect(environment(given)).toEqual({
    ...environment({}),
    inputStream: 'frames:metadata',
  });
});
