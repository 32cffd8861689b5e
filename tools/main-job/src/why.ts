/** `npm run why -- <frame_id>`: where a frame is, what happened to it, and who else could have got it. Ends with 0 if there is a trace of it. */
import type { FrameStory } from '@frame-buffer/models';
import { Command } from 'commander';
import { environment } from './environment.ts';
import { storyText } from './story.ts';

const TIMEOUT_MS = 30_000;

const command = new Command('npm run why --')
  .description(
    'Prints the story of one frame: decisions with their reasons and candidates, waits, attempts, result or dead letter.',
  )
  .argument('<frame_id>')
  .option('--url <url>', 'address of an orchestrator; default ORCHESTRATOR_URL, else http://127.0.0.1:8002')
  .option('--json', 'one line of JSON', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
command.parse(process.argv.slice(2), { from: 'user' });
const [frameId = ''] = command.args;
const { url, json } = command.opts<{ url?: string; json: boolean }>();
const base = url ?? environment().orchestratorUrl ?? 'http://127.0.0.1:8002';

try {
  const address = `${base.replace(/\/$/, '')}/frames/${encodeURIComponent(frameId)}`;
  const response = await fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  const answer = (await response.json()) as FrameStory & { detail?: string };
  if (response.ok) console.log(json ? JSON.stringify(answer) : storyText(answer));
  else console.error(answer.detail ?? `The orchestrator answered with status ${response.status}.`);
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
  console.error(`The orchestrator at ${base} could not be asked: ${cause}.`);
  process.exitCode = 1;
}
