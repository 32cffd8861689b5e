import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of all workspaces that have tests for jest, from the root. */
export function testProjects(root: string): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    workspaces: string[];
  };
  return globSync(workspaces, { cwd: root })
    .filter((folder) => existsSync(join(root, folder, 'jest.config.mjs')))
    .sort();
}
