import type { KeyNames } from './key-names.ts';

/** What a stream is to be used for, and the key names that are meant for that. */
const OWN = { input: 'input', queue: 'ready', results: 'results' } as const satisfies Record<
  string,
  keyof KeyNames
>;

/**
 * Whether the protocol uses this name for something else, or may any time: heartbeats, leases, queues and pictures have keys that end
 * in an id, and where one is written a stream of that name would be gone.
 */
export function isReservedKey(name: string, keys: KeyNames, use: keyof typeof OWN): boolean {
  const isTaken = ([property, key]: [string, KeyNames[keyof KeyNames]]): boolean => {
    if (property === OWN[use]) return false;
    if (typeof key === 'function') return name.startsWith(key(''));
    return name === key || (property === ('pixels' satisfies keyof KeyNames) && name.startsWith(key));
  };
  return Object.entries(keys).some(isTaken);
}
