import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StepResult } from './step.ts';
import { type TestKind, tests } from './tests.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'frame-buffer-workspace-'));
  symlinkSync(join(import.meta.dirname, '../../../node_modules'), join(root, 'node_modules'));
  writeFileSync(join(root, 'package.json'), JSON.stringify({ workspaces: ['packages/*'] }));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function project(name: string, files: Record<string, string>): void {
  const folder = join(root, 'packages', name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'jest.config.mjs'),
    `export default { displayName: '${name}', testMatch: ['<rootDir>/*.test.ts'], transform: {} };`,
  );
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
}

async function run(kind: TestKind): Promise<StepResult & { lines: string[] }> {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const result = await tests(kind).run({ root, signal, progress: (line) => lines.push(line) });
  return { ...result, lines };
}

const PASSING = 'it("holds", () => {});';
const FAILING = 'it("breaks", () => { throw new Error("broken on purpose"); });';

describe('tests', () => {
  it('adds up the tests of all projects', async () => {
    project('a', { 'x.test.ts': PASSING + PASSING });
    project('b', { 'y.redis.test.ts': PASSING });
    expect(await run('tests')).toMatchObject({ isOk: true, tally: { passed: 3, failed: 0 } });
  });

  it('shows what failed, and says how many', async () => {
    project('a', { 'x.test.ts': PASSING + FAILING, 'y.test.ts': 'this is no program' });
    expect(await run('tests')).toMatchObject({
      isOk: false,
      tally: { passed: 1, failed: 2 },
      summary: '1 passed, 2 failed; ended with 1',
      output: expect.stringContaining('broken on purpose'),
    });
  });

  it('tells unit tests from tests with Redis by their names', async () => {
    project('a', { 'x.test.ts': PASSING, 'x.redis.test.ts': FAILING });
    expect(await run('unit')).toMatchObject({ tally: { passed: 1, failed: 0 } });
    expect(await run('redis')).toMatchObject({ tally: { passed: 0, failed: 1 } });
  });

  it('says as it goes which files are done', async () => {
    project('a', { 'x.test.ts': PASSING });
    expect((await run('tests')).lines).toEqual([expect.stringContaining('x.test.ts')]);
  });

  it('fails, and soon, where a test leaves something open', async () => {
    project('a', { 'x.test.ts': 'it("holds", () => void setInterval(() => {}, 1000));' });
    expect(await run('tests')).toMatchObject({
      isOk: false,
      tally: { passed: 1, failed: 1 },
      summary: expect.stringContaining('left something open and did not end'),
    });
  }, 30_000);

  it('fails where there is no test at all', async () => {
    project('a', {});
    expect(await run('tests')).toMatchObject({ isOk: false, tally: { passed: 0, failed: 1 } });
  });
});
