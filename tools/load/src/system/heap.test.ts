import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '@frame-buffer/setup';
import { until } from '@frame-buffer/testing';
import { collectedHeapMiB } from './heap.ts';

/** Keeps 20 MiB, and makes garbage of 100. */
const PROGRAM = `
  const mebibytes = (count) => Array.from({ length: count * 131_072 }, (_none, i) => i + 0.5);
  const kept = mebibytes(20);
  for (let i = 0; i < 5; i++) mebibytes(20);
  setInterval(() => kept.at(-1), 1_000);
`;
let child: ChildProcess;
afterEach(() => child.kill('SIGKILL'));

describe('the heap of another process', () => {
  it('is what it holds without its garbage; unknown where the process is gone', async () => {
    const port = await freePort();
    child = spawn(process.execPath, [`--inspect=127.0.0.1:${port}`, '-e', PROGRAM], { stdio: 'ignore' });
    const answers = async (): Promise<boolean> => (await collectedHeapMiB(port)) !== undefined;
    await until(answers, { what: 'it to answer', deadlineMs: 10_000 });
    const held = (await collectedHeapMiB(port)) ?? 0;
    expect(held).toBeGreaterThan(20);
    expect(held).toBeLessThan(40);
    child.kill('SIGKILL');
    await until(async () => !(await answers()), { what: 'it to be gone' });
  });
});
