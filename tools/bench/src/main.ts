import { onInterrupt } from '@frame-buffer/setup';
import { runBench } from './bench.ts';
import { parseOptions } from './options.ts';
import { jsonOf, tableOf } from './report.ts';

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind === 'help') {
  process.stdout.write(parsed.text);
  process.exit(0);
}
if (parsed.kind === 'fault') {
  process.stderr.write(parsed.text);
  process.exit(2);
}
const { options } = parsed;
const interrupted = new AbortController();
onInterrupt((count) => {
  interrupted.abort();
  if (count > 1) process.exit(130);
});
// With --json the output is for a program: what a person reads goes to standard error.
const say = (line: string): void => (options.json ? console.error(line) : console.log(line));

try {
  const report = await runBench({ ...options, say, signal: interrupted.signal });
  say(`\n${tableOf(report)}`);
  if (options.json) console.log(jsonOf(report));
  process.exitCode = 0;
} catch (error) {
  if (!interrupted.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
}
