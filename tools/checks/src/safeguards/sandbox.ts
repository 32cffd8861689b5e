import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** A copy of the repository's sources that may be spoilt. Its packages are the copied ones, all others those of the original. */
export interface Sandbox {
  readonly root: string;
  /** Puts a text in the place of another. @returns what puts the former back @throws where it isn't found exactly once */
  replace(file: string, find: string, by: string): () => void;
  remove(): void;
}

const FOLDERS = ['apps', 'packages', 'tools'];
const FILES = [
  'package.json',
  'jest.preset.mjs',
  'jest.environment.mjs',
  'tsconfig.base.json',
  'tsconfig.json',
];
const LEFT_OUT = new Set(['node_modules', 'dist', 'out-tsc', 'coverage', 'test-results']);
const OWN_SCOPE = '@frame-buffer';

export function createSandbox(original: string): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'frame-buffer-safeguards-')));
  for (const folder of FOLDERS) {
    cpSync(join(original, folder), join(root, folder), {
      recursive: true,
      filter: (source) => !LEFT_OUT.has(basename(source)),
    });
  }
  for (const file of FILES) cpSync(join(original, file), join(root, file));
  linkModules(join(original, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    replace(file, find, by) {
      const path = join(root, file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, replaceOnce(text, find, by));
      return () => writeFileSync(path, text);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

function linkModules(from: string, to: string): void {
  mkdirSync(join(to, OWN_SCOPE), { recursive: true });
  for (const name of readdirSync(from)) {
    if (name !== OWN_SCOPE) symlinkSync(join(from, name), join(to, name));
  }
  // Relative links to the workspaces: in the copy they lead to the copy.
  for (const name of readdirSync(join(from, OWN_SCOPE)))
    symlinkSync(readlinkSync(join(from, OWN_SCOPE, name)), join(to, OWN_SCOPE, name));
}

/** @throws where the text isn't found, or more than once: a safeguard that isn't removed proves nothing */
export function replaceOnce(text: string, find: string, by: string): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`the text to replace is found ${count} times, not once: ${find.trim()}`);
  return text.replace(find, () => by);
}
