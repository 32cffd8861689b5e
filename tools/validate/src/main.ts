/** `npm run validate`: is this deployment in order, from capture to result? */
import { environment } from './environment.ts';
import { parseOptions } from './options.ts';
import { exitCodeOf, reportTable } from './report.ts';
import { validate } from './validate.ts';

const EXIT_USAGE = 2;

const parsed = parseOptions(process.argv.slice(2), environment());
if (parsed.kind !== 'options') {
  (parsed.kind === 'help' ? process.stdout : process.stderr).write(parsed.text);
  process.exit(parsed.kind === 'help' ? 0 : EXIT_USAGE);
}
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
try {
  const report = await validate(parsed.options, {
    say: (line) => void process.stderr.write(`${line}\n`),
    signal: stopping.signal,
  });
  console.log(parsed.options.json ? JSON.stringify(report) : reportTable(report));
  process.exitCode = exitCodeOf(report);
} catch (error) {
  console.error(stopping.signal.aborted ? 'Interrupted; what it had made is removed.' : error);
  process.exitCode = 1;
}
