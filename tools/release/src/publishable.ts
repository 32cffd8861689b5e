import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A package of this repository that is published. */
export interface Publishable {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

export function publishablePackages(root: string): Publishable[] {
  const folder = join(root, 'packages');
  return readdirSync(folder).flatMap((entry) => {
    const directory = join(folder, entry);
    const manifest = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Publishable & {
      private?: boolean;
    };
    const { name, version, dependencies = {} } = manifest;
    return manifest.private ? [] : [{ name, version, directory, dependencies }];
  });
}
