import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from './empty-project.ts';
import { lintTarball } from './lint-package.ts';
import { packAll } from './pack.ts';
import { publishablePackages } from './publishable.ts';

export interface PackageReport {
  readonly name: string;
  readonly version: string;
  /** Names that can be imported from it, in an empty project. */
  readonly exports: readonly string[];
  /** What is wrong with it. */
  readonly faults: readonly string[];
}

/** Packs every package, lints what was packed, installs it into an empty project and imports it there. */
export async function checkPackages(root: string): Promise<PackageReport[]> {
  const packages = publishablePackages(root);
  const folder = mkdtempSync(join(tmpdir(), 'frame-buffer-packed-'));
  try {
    const tarballs = await packAll(root, packages, folder);
    const project = await installed(root, packages, tarballs);
    try {
      const [first] = packages;
      const reports: PackageReport[] = [];
      for (const { name, version } of packages) {
        const tarball = tarballs.get(name) ?? '';
        const faults = await lintTarball(tarball);
        if (version !== first?.version)
          faults.push(`version ${version}, but ${first?.name} has ${first?.version}`);
        const exports = await importedFrom(name, project.run).catch((error: Error) => {
          faults.push(`can't be imported: ${error.message}`);
          return [];
        });
        if (exports.length === 0) faults.push('exports nothing');
        reports.push({ name, version, exports, faults });
      }
      return reports;
    } finally {
      project.remove();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importedFrom(name: string, run: (source: string) => Promise<string>): Promise<string[]> {
  return JSON.parse(
    await run(`console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(name)}))))`),
  ) as string[];
}
