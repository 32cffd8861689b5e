import { unreadableFiles } from '@frame-buffer/capture';
import { onInterrupt } from '@frame-buffer/setup';
import { environment } from './environment.ts';
import { runMainJob } from './main-job.ts';
import { parseOptions } from './options.ts';
import { closingText, exitCodeOf } from './report.ts';
import { createTerminal } from './terminal.ts';

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
// With --json the output is for a program: what a person reads goes to standard error.
const terminal = createTerminal(options.json ? process.stderr : process.stdout, () => performance.now());
const unreadable = await unreadableFiles(options.cameras.map(({ source }) => source));
if (unreadable.length > 0) {
  console.error(unreadable.join('\n'));
  process.exit(2);
}

const drain = new AbortController();
const giveUp = new AbortController();
onInterrupt((count) => {
  if (count === 1)
    terminal.say('\nno more pictures; finishing what is under way (Ctrl-C again: end at once)');
  drain.abort();
  if (count > 1) giveUp.abort();
});

try {
  const { books, report } = await runMainJob({
    options,
    redisUrl: environment().redisUrl,
    terminal,
    drain: drain.signal,
    giveUp: giveUp.signal,
  });
  terminal.say(closingText(books, report));
  if (options.json) console.log(JSON.stringify(report));
  process.exitCode = exitCodeOf(report);
} catch (error) {
  if (!drain.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
