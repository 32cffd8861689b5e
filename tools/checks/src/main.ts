import { fileURLToPath } from 'node:url';
import { onInterrupt } from '@frame-buffer/setup';
import { runSteps } from './run-steps.ts';
import { USAGE, select } from './selection.ts';
import { closingLine } from './tally.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const USAGE_EXIT_CODE = 2;

const selection = select(process.argv.slice(2));
if (selection.kind === 'help') {
  process.stdout.write(USAGE);
} else if (selection.kind === 'fault') {
  process.stderr.write(`${selection.sentence}\n`);
  process.exitCode = USAGE_EXIT_CODE;
} else {
  // Programs that we run write to a pipe; they may use colors where we write to a terminal.
  process.env['FORCE_COLOR'] = process.stdout.isTTY && !process.env['NO_COLOR'] ? '1' : '0';
  delete process.env['NO_COLOR'];
  const interrupt = new AbortController();
  const dispose = onInterrupt(() => interrupt.abort());
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const tally = await runSteps(selection.steps, { root, signal: interrupt.signal, print });
  dispose();
  print(closingLine(tally));
  process.exitCode = tally.failed > 0 ? 1 : 0;
}
