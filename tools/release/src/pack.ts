import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Publishable } from './publishable.ts';

const run = promisify(execFile);
/** The list of all files of eight packages. */
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Builds the packages, and packs each as it would be published. @returns the tarball of each, by its name */
export async function packAll(
  root: string,
  packages: readonly Publishable[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const projects = packages.map(({ directory }) => join(directory, 'tsconfig.lib.json'));
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--build', ...projects], {
    cwd: root,
  });
  const workspaces = packages.flatMap(({ name }) => ['--workspace', name]);
  const { stdout } = await run(
    'npm',
    ['pack', ...workspaces, '--json', '--ignore-scripts', '--pack-destination', folder],
    { cwd: root, maxBuffer: MAX_OUTPUT_BYTES },
  );
  return new Map(packedFiles(JSON.parse(stdout)).map(({ name, filename }) => [name, join(folder, filename)]));
}

interface PackedFile {
  readonly name: string;
  readonly filename: string;
}

/** npm 11 prints a list, npm 12 an object by name. */
const packedFiles = (reply: PackedFile[] | Record<string, PackedFile>): PackedFile[] => Object.values(reply);
