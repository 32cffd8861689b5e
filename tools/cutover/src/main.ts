/** `npm run cutover`: the orchestrator in the place of an older service, and back. Ends with 0 only if all was done. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashTagOf, keyNames, shownRedisAddress } from '@frame-buffer/models';
import { onInterrupt } from '@frame-buffer/setup';
import { connectRedis } from '@frame-buffer/stream-consumer';
import { runCutover } from './cutover.ts';
import { environment } from './environment.ts';
import { parseOptions } from './options.ts';
import { ensureService } from './service.ts';

const TIMEOUT_MS = 10_000;
const DEFAULT_PORT = '8002';
const LOG_FILE = join(
  fileURLToPath(new URL('../../../', import.meta.url)),
  '.frame-buffer/logs/cutover-orchestrator.log',
);

const parsed = parseOptions(process.argv.slice(2));
if (parsed.kind !== 'options') {
  (parsed.kind === 'help' ? process.stdout : process.stderr).write(parsed.text);
  process.exit(parsed.kind === 'help' ? 0 : 2);
}
const { redis, stream, orchestrator, json, ...options } = parsed.options;
const env = environment();
const redisUrl = redis ?? env.redisUrl ?? 'redis://127.0.0.1:6379';
const port = env.port ?? DEFAULT_PORT;
const keys = keyNames({ input: stream ?? env.inputStream, hashTag: hashTagOf(redisUrl) });
// With --json the output is for a program: what a person reads goes to standard error.
const say = (line: string): void => (json ? console.error(line) : console.log(line));

const interrupted = new AbortController();
onInterrupt(() => interrupted.abort(new Error('Interrupted; run the same command again to go on.')));
let trouble = 'it does not answer';
const client = connectRedis(redisUrl, {
  name: 'cutover',
  onError: (error) => (trouble = error.message),
  commandTimeoutMs: TIMEOUT_MS,
});
try {
  await client.ping().catch(() => {
    throw new Error(`Redis at ${shownRedisAddress(redisUrl)} can't be used: ${trouble}.`);
  });
  const report = await runCutover({
    ...options,
    client,
    keys,
    say,
    signal: interrupted.signal,
    startService: () =>
      ensureService({
        url: orchestrator ?? `http://127.0.0.1:${port}`,
        env: orchestrator
          ? undefined
          : {
              REDIS_URL: redisUrl,
              INPUT_STREAM: keys.input,
              CONSUMER_GROUP: options.group,
              PORT: port,
            },
        logFile: LOG_FILE,
        say,
        signal: interrupted.signal,
      }),
  });
  if (json) console.log(JSON.stringify(report));
  process.exitCode = report.outcome === 'refused' ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? inWords(error.message) : error);
  process.exitCode = 1;
} finally {
  client.disconnect();
}

/** A script can't reach two slots. The older service's stream has a name of its own, so the other keys go to where it is. */
function inWords(fault: string): string {
  if (!fault.startsWith('CROSSSLOT')) return fault;
  return `In a Redis Cluster the input must lie in the slot of all other keys, and ${keys.input} doesn't: take its name as the hash tag, redis-cluster://.../${encodeURIComponent(keys.input)}, here and everywhere.`;
}
