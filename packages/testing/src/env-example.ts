import { readFileSync } from 'node:fs';

type Environment = Record<string, string | undefined>;

/** @returns every setting that an example in docker/ names, with its value, those that are commented out as well */
export function readEnvExample(name: string): Record<string, string> {
  const text = readFileSync(new URL(`../../../docker/${name}`, import.meta.url), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^#?([A-Z_]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
}

/** @returns the names of the variables that are looked at */
export function namesReadBy(read: (environment: Environment) => unknown): string[] {
  const names = new Set<string>();
  read(new Proxy<Environment>({}, { get: (_target, name) => void names.add(String(name)) }));
  return [...names];
}
