import { readFile } from 'node:fs/promises';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { list } from 'tar';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Nobody has these who uses ESM, and we publish nothing else. */
const ONLY_FOR_COMMONJS = ['NoResolution', 'CJSResolvesToESM'];
const WITHOUT_ESM = ['node10', 'node16-cjs'];

/** What publint and "are the types wrong" have against a tarball, a line each. */
export async function lintTarball(tarball: string): Promise<string[]> {
  const bytes = new Uint8Array(await readFile(tarball));
  const linted = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  const messages = linted.messages.map((message) => `publint: ${formatMessage(message, linted.pkg)}`);
  const files: string[] = [];
  await list({ file: tarball, onReadEntry: ({ path }) => void files.push(path) });
  for (const file of ['README.md', 'LICENSE'])
    if (!files.includes(`package/${file}`)) messages.push(`${file} is missing`);
  const types = await checkPackage(createPackageFromTarballData(bytes));
  if (types.types === false) return [...messages, 'attw: no types'];
  const problems = types.problems.filter(
    (problem) =>
      !(
        ONLY_FOR_COMMONJS.includes(problem.kind) &&
        'resolutionKind' in problem &&
        WITHOUT_ESM.includes(problem.resolutionKind)
      ),
  );
  return [...messages, ...problems.map((problem) => `attw: ${JSON.stringify(problem)}`)];
}
