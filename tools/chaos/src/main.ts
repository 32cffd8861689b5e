import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { onInterrupt } from '@frame-buffer/setup';
import { parseOptions } from './options.ts';
import { reportOf, resultLines, tableOf } from './report.ts';
import { runSuite } from './suite.ts';

const LOG_DIRECTORY = fileURLToPath(new URL('../../../.frame-buffer/chaos', import.meta.url));
const MAX_FRESH_SEED = 100_000;
const INTERRUPTED_EXIT_CODE = 130;

const parsed = parseOptions(process.argv.slice(2), randomInt(MAX_FRESH_SEED));
if (parsed.kind === 'help') {
  process.stdout.write(parsed.text);
  process.exit(0);
}
if (parsed.kind === 'fault') {
  process.stderr.write(parsed.text);
  process.exit(2);
}
const { options } = parsed;
// With --json the output is for a program: what a person reads goes to standard error.
const say = (line: string): void => (options.json ? console.error(line) : console.log(line));
const interrupted = new AbortController();
onInterrupt((count) => {
  if (count > 1) process.exit(INTERRUPTED_EXIT_CODE);
  say('\nending what runs (Ctrl-C again: at once)');
  interrupted.abort(new Error('interrupted'));
});

say(`${options.scenarios.length} scenarios, seed ${options.seed}`);
const results = await runSuite({
  ...options,
  signal: interrupted.signal,
  logDirectory: LOG_DIRECTORY,
  onStart: (name) => process.stderr.isTTY && process.stderr.write(`${name} ...\r`),
  onResult: (result) => resultLines(result, LOG_DIRECTORY).forEach(say),
});
const report = reportOf(results);
say(`\n${tableOf(results)}\n\n${report.passed} passed, ${report.failed} failed, seed ${options.seed}`);
if (options.json) console.log(JSON.stringify(report));
// What a scenario left waiting for ever must not keep us.
const exitCode = interrupted.signal.aborted ? INTERRUPTED_EXIT_CODE : report.failed === 0 ? 0 : 1;
process.stdout.write('', () => process.exit(exitCode));
