import { readFileSync } from 'node:fs';

// Reached from src and from dist alike.
const FOLDER = new URL('../src/lua/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(`${name}.lua`, FOLDER), 'utf8');
const withShared = (name: string): string => read('shared') + read(name);

/** The registry's changes, each one atomic step and safe to send twice. */
export const SCRIPTS = {
  register: withShared('register'),
  heartbeat: withShared('heartbeat'),
  replace: withShared('replace'),
  remove: withShared('remove'),
};
