/** The benchmark as a process: a quick run from end to end. What it measures says little; that it measures, and what it prints, counts. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '@frame-buffer/testing';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const TIMEOUT_MS = 120_000;

interface Run {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

function start(...argv: string[]): Run {
  const child = spawn(process.execPath, ['--conditions=@frame-buffer/source', MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    ended: new Promise((resolve) => child.once('close', (code) => resolve(code))),
    kill: (signal) => child.kill(signal),
  };
}

const answers = (url: string): Promise<boolean> =>
  fetch(url.replace('redis:', 'http:')).then(
    () => true,
    // Redis speaks no HTTP: it hangs up on it. Refused is something else.
    (error: Error) => !String(error.cause).includes('ECONNREFUSED'),
  );

describe('the benchmark', () => {
  it(
    'ends with one line of JSON in the agreed shape',
    async () => {
      const run = start('--quick', '--json');
      expect([await run.ended, run.stderr()]).toEqual([0, expect.stringContaining('of the bare loop')]);
      expect(run.stdout().trim().split('\n')).toHaveLength(1);
      const measured = expect.any(Number);
      const cost = { costRatio: measured, lowRatio: measured, highRatio: measured };
      const figures = { '50': { meanNs: measured }, '1000': { meanNs: measured } };
      expect(JSON.parse(run.stdout())).toEqual({
        handoff: {
          framesPerSecond: measured,
          bareLoop: measured,
          ratioToBareLoop: measured,
          bullmq: measured,
          ratioToBullmq: measured,
        },
        routing: {
          ...figures,
          strategies: { least_loaded: figures, round_robin: figures, affinity: figures },
        },
        telemetry: {
          pairs: 1,
          withTelemetry: measured,
          without: measured,
          ...cost,
          cpu: { withNs: measured, withoutNs: measured, ...cost },
        },
        breaker: { acquireNs: measured },
        priorityQueue: { pushPopNs: measured },
        latency: { fps: 1000, p50Ms: measured, p99Ms: measured, maxMs: measured, frames: 2000 },
      });
    },
    TIMEOUT_MS,
  );

  it(
    'ends at Ctrl-C, and leaves no process behind',
    async () => {
      const run = start('--quick');
      await until(() => run.stdout().includes('round 1/1'), {
        what: 'the first round',
        deadlineMs: TIMEOUT_MS,
      });
      const url = /redis:\/\/[\d.:]+/.exec(run.stdout())?.[0] ?? '';
      expect(await answers(url)).toBe(true);
      run.kill('SIGINT');
      expect(await run.ended).toBe(130);
      expect(await answers(url)).toBe(false);
    },
    TIMEOUT_MS,
  );

  it('ends with 2 and the reason where an argument is wrong', async () => {
    const run = start('--rounds', 'many');
    expect(await run.ended).toBe(2);
    expect(run.stderr()).toContain('Expected a whole number from 1 to 50.');
    expect(run.stdout()).toBe('');
  });
});
