// node docker/closure.mjs <package> <folder>
// Writes the manifests that a package runs with into a folder: its own and those of the workspaces that it depends on, without their
// development dependencies, beside the lock file that npm takes every version from. (`npm ci --omit=dev --workspace` installs what the
// workspaces' development dependencies lead to as well.)
import { copyFileSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const [wanted, target] = process.argv.slice(2);
/** @param {string} file */
const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
const { name, version, private: isPrivate, type, workspaces, overrides } = read('package.json');
const folders = new Map(
  globSync(workspaces).map((folder) => [read(join(folder, 'package.json')).name, folder]),
);

const needed = new Set([wanted]);
for (const each of needed) {
  const folder = folders.get(each);
  if (folder === undefined) throw new Error(`there is no workspace ${each}`);
  const { devDependencies: _left, ...manifest } = read(join(folder, 'package.json'));
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    if (folders.has(dependency)) needed.add(dependency);
  }
  write(join(target, folder, 'package.json'), manifest);
}
const kept = [...needed].map((each) => folders.get(each));
write(join(target, 'package.json'), { name, version, private: isPrivate, type, workspaces: kept, overrides });
copyFileSync('package-lock.json', join(target, 'package-lock.json'));

/** @param {string} file @param {object} manifest */
function write(file, manifest) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
}
