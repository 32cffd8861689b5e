/** `npm run soak`: many frames for a long time, a kill every few seconds, and what the books and the memory say of it. */
import { randomInt } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onInterrupt } from '@frame-buffer/setup';
import { runSoak, type SoakProgress } from './soak/run-soak.ts';
import { parseSoakOptions } from './soak/soak-options.ts';
import { soakTable } from './soak/soak-report.ts';

const FOLDER = fileURLToPath(new URL('../../../.frame-buffer', import.meta.url));
const MAX_FRESH_SEED = 100_000;
const INTERRUPTED_EXIT_CODE = 130;
const SAY_EVERY_SECONDS = 10;

const parsed = parseSoakOptions(process.argv.slice(2), randomInt(MAX_FRESH_SEED));
if (parsed.kind !== 'options') {
  (parsed.kind === 'help' ? process.stdout : process.stderr).write(parsed.text);
  process.exit(parsed.kind === 'help' ? 0 : 2);
}
const { json, plot, ...options } = parsed.options;
// With --json the output is for a program: what a person reads goes to standard error.
const say = (line: string): void => (json ? console.error(line) : console.log(line));
const [early, abandoned] = [new AbortController(), new AbortController()];
onInterrupt((count) => {
  if (count > 2) process.exit(INTERRUPTED_EXIT_CODE);
  say(
    count === 1
      ? 'coming to rest (Ctrl-C again: ending at once)'
      : 'ending what runs (Ctrl-C again: at once)',
  );
  (count === 1 ? early : abandoned).abort(new Error('interrupted'));
});

function showProgress({ seconds, published, completed, kills, unaccounted, memory }: SoakProgress): void {
  if (!process.stderr.isTTY && Math.round(seconds) % SAY_EVERY_SECONDS !== 0) return;
  const sizes = memory.map(({ name, megabytes }) => `${name} ${Math.round(megabytes)}`).join(', ');
  const line = `${Math.round(seconds)} s  ${published} published  ${completed} completed  ${kills} kills  unaccounted ${unaccounted}  MB: ${sizes}`;
  process.stderr.write(
    process.stderr.isTTY ? `\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 120) - 1)}` : `${line}\n`,
  );
}

const plotFile = plot === undefined ? join(FOLDER, 'soak.svg') : resolve(plot);
mkdirSync(dirname(plotFile), { recursive: true });
say(
  `${options.forMs / 1000} s at ${options.framesPerSecond} frames/s, a kill every ${options.killEveryMs / 1000} s, seed ${options.seed}`,
);
try {
  const report = await runSoak({
    ...options,
    plotFile,
    logDirectory: join(FOLDER, 'soak'),
    early: early.signal,
    signal: abandoned.signal,
    onProgress: showProgress,
  });
  const { published, completed, kills, unaccounted, duplicates } = report;
  say(
    `\n${published} published, ${completed} completed, ${kills} kills, ${unaccounted} unaccounted, ${duplicates} duplicates`,
  );
  say(`${soakTable(report)}\nplot: ${plotFile}`);
  for (const fault of report.faults) say(`fault: ${fault}`);
  say(report.passed ? 'passed' : 'FAILED');
  if (json) console.log(JSON.stringify(report));
  process.exitCode = report.passed ? 0 : 1;
} catch (error) {
  if (!abandoned.signal.aborted) throw error;
  process.exitCode = INTERRUPTED_EXIT_CODE;
}
