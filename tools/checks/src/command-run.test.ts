import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CommandRunOptions, runNode } from './command-run.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'frame-buffer-command-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(program: string, options: Partial<CommandRunOptions> = {}) {
  const script = join(directory, 'program.mjs');
  writeFileSync(script, program);
  return runNode(script, ['first'], { cwd: directory, timeoutMs: 15_000, ...options });
}

const FOREVER = 'console.log("ready"); setInterval(() => {}, 1000);';

describe('runNode', () => {
  it('gives both streams, and standard output alone', async () => {
    const result = await run(
      'console.log("out"); await new Promise((r) => setTimeout(r, 50)); console.error("err");',
    );
    expect(result).toEqual({ isOk: true, output: 'out\nerr\n', stdout: 'out\n', reason: undefined });
  });

  it('passes arguments and environment on', async () => {
    const { stdout } = await run('console.log(process.argv[2], process.env.OWN);', { env: { OWN: 'yes' } });
    expect(stdout).toBe('first yes\n');
  });

  it('says with which code the command ended', async () => {
    expect(await run('process.exit(3)')).toMatchObject({ isOk: false, reason: 'ended with 3' });
  });

  it('gives the command no standard input', async () => {
    const { stdout } = await run('process.stdin.on("end", () => console.log("end")).resume();');
    expect(stdout).toBe('end\n');
  });

  it('ends a command that takes too long', async () => {
    expect(await run(FOREVER, { timeoutMs: 300 })).toMatchObject({
      isOk: false,
      reason: 'not done after 0.3 s',
    });
  });

  it('ends the command on an interrupt', async () => {
    const interrupt = new AbortController();
    const result = await run(FOREVER, { signal: interrupt.signal, onLine: () => interrupt.abort() });
    expect(result).toMatchObject({ isOk: false, reason: 'interrupted', output: 'ready\n' });
  });

  it('says so where the working folder does not exist', async () => {
    const result = await run('', { cwd: join(directory, 'nowhere') });
    expect(result).toMatchObject({ isOk: false, reason: expect.stringContaining('ENOENT') });
  });
});
