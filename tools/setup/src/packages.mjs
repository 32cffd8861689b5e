import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Holds the hash of the package-lock.json that node_modules was made from. */
const STAMP = 'node_modules/.frame-buffer-setup';
export const PINNED_NODE = 'node_modules/node/bin/node';

/**
 * Makes sure that node_modules is what package-lock.json says. A few milliseconds where it is.
 * @param {string} root
 * @param {(line: string) => void} say
 * @throws {SetupError}
 */
export function ensurePackages(root, say) {
  const lock = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lock).digest('hex');
  if (isStamped(root, hash)) return;
  if (!isInstalled(root, lock.toString())) {
    say('Installing packages with npm ci; this happens once.');
    npmCi(root);
  }
  writeFileSync(join(root, STAMP), `${hash}\n`);
}

/**
 * @param {string} root
 * @param {string} hash
 */
function isStamped(root, hash) {
  try {
    return readFileSync(join(root, STAMP), 'utf8').trim() === hash && existsSync(join(root, PINNED_NODE));
  } catch {
    return false;
  }
}

/**
 * Whether somebody ran npm already: npm keeps a record of what it installed, and that is what the lock asks for.
 * @param {string} root
 * @param {string} lock
 */
function isInstalled(root, lock) {
  if (!existsSync(join(root, PINNED_NODE))) return false;
  try {
    const installed = JSON.parse(
      readFileSync(join(root, 'node_modules/.package-lock.json'), 'utf8'),
    ).packages;
    return matches(JSON.parse(lock).packages, installed);
  } catch {
    return false;
  }
}

/**
 * Whether every package that the lock asks for is installed in that version, but those that are optional: they may be
 * for other systems.
 * @param {Record<string, LockEntry>} wanted
 * @param {Record<string, LockEntry>} installed
 * @typedef {{ version?: string, integrity?: string, resolved?: string, optional?: boolean, link?: boolean }} LockEntry
 */
export function matches(wanted, installed) {
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules')) return true;
    const found = installed[path];
    if (!found) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** @param {string} root */
function npmCi(root) {
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: root,
      // Standard output belongs to the program that runs afterwards.
      stdio: ['ignore', 2, 2],
      env: { ...process.env, PATH: pathWithoutPackages(process.env['PATH'] ?? '') },
    },
  );
  if (error)
    throw new SetupError(`npm could not be run (${error.message}): install npm, and run the command again.`);
  if (status !== 0)
    throw new SetupError('npm ci failed, see above: check the network, and run the command again.');
}

/**
 * npm run puts node_modules/.bin on the PATH, with the very Node that npm ci replaces.
 * @param {string} path
 */
export function pathWithoutPackages(path) {
  const folder = `node_modules${sep}.bin`;
  return path
    .split(delimiter)
    .filter((entry) => !entry.endsWith(folder))
    .join(delimiter);
}
