import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { extract } from 'tar';
import type { Publishable } from './publishable.ts';

const run = promisify(execFile);

/** A project outside the repository in which the packed packages are installed, and nothing that they don't declare. */
export interface EmptyProject {
  readonly directory: string;
  /** Runs a module of the project in a process of its own, without the repository's export condition. @returns its standard output */
  run(source: string): Promise<string>;
  remove(): void;
}

/**
 * Installs tarballs without a registry, so that it works offline: packages are unpacked, and what they declare as dependencies is
 * linked from the repository. An import that isn't declared is not found.
 */
export async function installed(
  root: string,
  packages: readonly Publishable[],
  tarballs: ReadonlyMap<string, string>,
): Promise<EmptyProject> {
  const directory = mkdtempSync(join(tmpdir(), 'frame-buffer-project-'));
  const place = (name: string): string => join(directory, 'node_modules', name);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module", "private": true }\n');
  for (const { name } of packages) {
    mkdirSync(place(name), { recursive: true });
    await extract({ file: tarballs.get(name) ?? '', cwd: place(name), strip: 1 });
  }
  for (const dependency of new Set(packages.flatMap(({ dependencies }) => Object.keys(dependencies)))) {
    if (packages.some(({ name }) => name === dependency)) continue;
    mkdirSync(dirname(place(dependency)), { recursive: true });
    const target = join(root, 'node_modules', dependency);
    if (!existsSync(target))
      throw new Error(`${dependency} is declared, but not installed in the repository`);
    symlinkSync(target, place(dependency));
  }
  return {
    directory,
    async run(source) {
      const file = join(directory, 'main.ts');
      writeFileSync(file, source);
      return (
        await run(process.execPath, [file], { cwd: directory, env: { ...process.env, NODE_OPTIONS: '' } })
      ).stdout;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
