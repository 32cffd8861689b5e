import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandbox, type Sandbox } from './sandbox.ts';

let original: string;
let sandbox: Sandbox;

function write(file: string, text: string): void {
  mkdirSync(join(original, file, '..'), { recursive: true });
  writeFileSync(join(original, file), text);
}

beforeAll(() => {
  original = mkdtempSync(join(tmpdir(), 'frame-buffer-original-'));
  for (const file of [
    'package.json',
    'jest.preset.mjs',
    'jest.environment.mjs',
    'tsconfig.base.json',
    'tsconfig.json',
  ])
    write(file, '{}');
  write('packages/router/src/router.ts', 'const guarded = true;');
  write('packages/router/dist/router.js', 'built');
  write('apps/orchestrator/main.ts', '');
  write('tools/chaos/main.ts', '');
  write('node_modules/library/index.js', '');
  mkdirSync(join(original, 'node_modules/@frame-buffer'));
  symlinkSync('../../packages/router', join(original, 'node_modules/@frame-buffer/router'));
  sandbox = createSandbox(original);
});
afterAll(() => {
  sandbox.remove();
  rmSync(original, { recursive: true });
});

describe('a sandbox', () => {
  it('uses its own packages, and the libraries of the original', () => {
    const inCopy = (name: string): string => realpathSync(join(sandbox.root, 'node_modules', name));
    expect(inCopy('@frame-buffer/router')).toBe(join(sandbox.root, 'packages/router'));
    expect(inCopy('library')).toBe(realpathSync(join(original, 'node_modules/library')));
  });

  it('leaves out what was built', () => {
    expect(existsSync(join(sandbox.root, 'packages/router/dist'))).toBe(false);
  });

  it('spoils the copy alone, until it is put back', () => {
    const file = 'packages/router/src/router.ts';
    const putBack = sandbox.replace(file, 'true', 'false');
    expect(readFileSync(join(sandbox.root, file), 'utf8')).toBe('const guarded = false;');
    expect(readFileSync(join(original, file), 'utf8')).toBe('const guarded = true;');
    putBack();
    expect(readFileSync(join(sandbox.root, file), 'utf8')).toBe('const guarded = true;');
  });
});
