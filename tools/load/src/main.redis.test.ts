/** The load tool as a process, with the system that it starts and on one that runs already. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '@frame-buffer/testing';
import type { LoadReport } from './report.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TIMEOUT_MS = 120_000;

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<{ code: number | null; stdout: string }>;
}

function start(...argv: string[]): Run {
  const child = spawn(process.execPath, ['--conditions=@frame-buffer/source', MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; stdout: string }>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout })),
  );
  return { child, output: () => stdout + stderr, ended };
}

const flows = (run: Run): Promise<unknown> =>
  until(() => /out [1-9]/.test(run.output()), { what: 'results', deadlineMs: 60_000 });

describe('the load tool', () => {
  it(
    'publishes what was asked for and says what became of all of it, as JSON',
    async () => {
      const mix = ['--mix', 'faces=3,faces+plates=1', '--priority-mix', '0=3,9=1'];
      const run = start('--fps', '50', '--for', '3s', ...mix, '--service-ms', '5:exp', '--json');
      const { code, stdout } = await run.ended;
      expect([code, stdout.trim().split('\n').length, run.output()]).toEqual([
        0,
        1,
        expect.stringContaining('captured'),
      ]);
      const report = JSON.parse(stdout) as LoadReport;
      // 150 frames, and a copy of each of the 37 or so that ask for both.
      expect(report.books).toMatchObject({ captured: 150, deadLettered: 0, shed: 0, unaccounted: 0 });
      expect(report.books.fanout).toBeGreaterThan(30);
      expect(report.books.completed).toBe(150 + report.books.fanout);
      expect(report.publisher).toMatchObject({ published: 150, refused: 0, unsent: 0, unanswered: 0 });
      expect(report.results).toMatchObject({ total: report.books.completed, duplicates: 0 });
      expect(report.results.latencyMs.count).toBe(report.results.total);
      expect(report.results.latencyMs.p50).toBeGreaterThan(report.results.ageAtStartMs.p50 ?? Infinity);
      expect(Object.keys(report.results.byCapability)).toEqual(['faces', 'plates']);
      expect(Object.keys(report.results.byPriority)).toEqual(['0', '9']);
      expect(report.timeline.length).toBeGreaterThan(1);
      expect(report.timeline[0]?.memoryMiB).toBeGreaterThan(10);
      expect(report.steady.serviceMs).toBeGreaterThan(1);
      expect(report.steady.heapMiB.afterwards).toBeGreaterThan(5);
      expect(report).toMatchObject({ fps: 50, seconds: 3, unfinished: 0, shed: {}, deadLettered: {} });
    },
    TIMEOUT_MS,
  );

  it(
    'ends at Ctrl-C with a summary, and leaves a system that runs already as it is',
    async () => {
      const system = start('--fps', '20', '--service-ms', '5');
      await flows(system);
      const redis = /redis:\/\/\S+/.exec(system.output())?.[0] ?? '';
      const orchestrator = /http:\/\/\S+/.exec(system.output())?.[0] ?? '';
      const guest = start('--redis', redis, '--orchestrator', orchestrator, '--fps', '20', '--for', '1s');
      const { code, stdout } = await guest.ended;
      expect([code, stdout]).toEqual([0, expect.stringMatching(/20 frames in 1 s[^]*20 results/)]);
      expect((await fetch(`${orchestrator}/health/ready`)).status).toBe(200);

      system.child.kill('SIGINT');
      const { code: systemCode, stdout: summary } = await system.ended;
      expect([systemCode, summary]).toEqual([
        0,
        expect.stringMatching(/latency +p50[^]*\+ +0 {2}unaccounted/),
      ]);
      await expect(fetch(`${orchestrator}/health/ready`)).rejects.toThrow();
    },
    TIMEOUT_MS,
  );

  it('ends with 2 and the reason where an argument is wrong', async () => {
    const run = start('--fps', 'many');
    expect((await run.ended).code).toBe(2);
    expect(run.output()).toContain('Expected a number above 0');
  });
});
