/** `npm run books`: the books of a running system, from Redis alone. Ends with 0 only if they balance. */
import { hashTagOf, INPUT_GROUP, keyNames, shownRedisAddress } from '@frame-buffer/models';
import { connectRedis, readBooks } from '@frame-buffer/stream-consumer';
import { Command } from 'commander';
import { environment } from './environment.ts';
import { booksTable } from './report.ts';

const TIMEOUT_MS = 5_000;

const command = new Command('npm run books --')
  .description('Prints where every captured frame is, read from Redis at one moment.')
  .option('--redis <url>', 'address of Redis; default REDIS_URL, else redis://127.0.0.1:6379')
  .option('--group <name>', "the orchestrators' consumer group", INPUT_GROUP)
  .option('--json', 'one line of JSON', false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
command.parse(process.argv.slice(2), { from: 'user' });
const { redis, group, json } = command.opts<{ redis?: string; group: string; json: boolean }>();
const url = redis ?? environment().redisUrl ?? 'redis://127.0.0.1:6379';

let trouble = 'it does not answer';
const client = connectRedis(url, {
  name: 'books',
  onError: (error) => (trouble = error.message),
  commandTimeoutMs: TIMEOUT_MS,
});
try {
  const reading = await readBooks(client, { keys: keyNames({ hashTag: hashTagOf(url) }), group });
  if (!reading) {
    console.error(
      'No books have been opened there: no orchestrator has run on this Redis, or its data is gone.',
    );
    process.exitCode = 1;
  } else {
    console.log(json ? JSON.stringify(reading.books) : booksTable(reading.books));
    process.exitCode = reading.books.unaccounted === 0 ? 0 : 1;
  }
} catch {
  console.error(`The books could not be read from Redis at ${shownRedisAddress(url)}: ${trouble}.`);
  process.exitCode = 1;
} finally {
  client.disconnect();
}
