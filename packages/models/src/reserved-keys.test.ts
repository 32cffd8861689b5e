import { keyNames } from './key-names.ts';
import { isReservedKey } from './reserved-keys.ts';

const keys = keyNames();
const { ready, health, orchestrator, pixels, ...plain } = keys;
/** Every key there is, with the use that it is meant for; Jest takes a parameter beyond those given for the callback of a test that waits. */
const all: [name: string, use: 'input' | 'queue' | 'results' | undefined][] = [
  [ready('p1'), 'queue'],
  [health('p1'), undefined],
  [orchestrator('o1'), undefined],
  [`${pixels}f1`, undefined],
  ...Object.entries(plain).map(([property, name]): (typeof all)[number] =>
    property === 'input' || property === 'results' ? [name, property] : [name, undefined],
  ),
];

describe.each(['input', 'queue', 'results'] as const)('as %s', (use) => {
  it.each(all)('%s', (name, meantFor) => {
    expect(isReservedKey(name, keys, use)).toBe(use !== meantFor);
  });

  it.each(['cameras', 'frames:results:motion', 'frames:retry-later', 'processors', 'frames:ready'])(
    '%s is free',
    (name) => {
      expect(isReservedKey(name, keys, use)).toBe(false);
    },
  );
});

it('with another input and a hash tag it is those names that count', () => {
  const tagged = keyNames({ input: 'cameras', hashTag: 'x' });
  expect(isReservedKey('cameras', tagged, 'queue')).toBe(true);
  expect(isReservedKey('{x}:processors:health:p1', tagged, 'queue')).toBe(true);
  expect(isReservedKey('processors:health:p1', tagged, 'queue')).toBe(false);
});
