import { createTerminal } from '@frame-buffer/main-job';
import { onInterrupt } from '@frame-buffer/setup';
import { runLoad } from './load.ts';
import { parseOptions } from './options.ts';
import { closingText, exitCodeOf } from './report.ts';

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
const drain = new AbortController();
const giveUp = new AbortController();
onInterrupt((count) => {
  if (count === 1)
    terminal.say('\nno more frames; waiting for what is under way (Ctrl-C again: end at once)');
  drain.abort();
  if (count > 1) giveUp.abort();
});

try {
  const { report, distribution } = await runLoad({
    options,
    terminal,
    drain: drain.signal,
    giveUp: giveUp.signal,
  });
  terminal.say(closingText(report, distribution));
  if (options.json) console.log(JSON.stringify(report));
  process.exitCode = exitCodeOf(report);
} catch (error) {
  if (!drain.signal.aborted) console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
