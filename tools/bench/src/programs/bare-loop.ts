/**
 * The bare loop that the orchestrator is measured by: reads a batch and hands it off, round robin, for ever. No decision, no
 * decoding, no credit, no ledger, no fields of its own, no metrics, no traces.
 *
 * It is as quick as we could make it: the next read is always under way while a batch is handed off, and two hand-offs are under
 * way at once. Bodies go back to Redis as plain arguments: of the ways tried (arguments; XRANGE in the script for each entry, or for
 * the whole batch; JSON) this one gave the highest rate.
 *
 * Argument, JSON: { redisUrl, input, group, queues }
 */
import { readFileSync } from 'node:fs';
import { connectRedis } from '@frame-buffer/stream-consumer';

interface Settings {
  readonly redisUrl: string;
  readonly input: string;
  readonly group: string;
  readonly queues: readonly string[];
}
type Entry = readonly [id: string, fields: readonly string[]];

/** As many as the orchestrator takes at once. */
const BATCH = 512;
const MAX_HAND_OFFS = 2;
const BLOCK_MS = 1_000;
// Reached from src and from dist alike.
const SCRIPT = readFileSync(new URL('../../src/lua/bare-hand-off.lua', import.meta.url), 'utf8');

const { redisUrl, input, group, queues } = JSON.parse(process.argv[2] ?? '') as Settings;
const reads = connectRedis(redisUrl);
const writes = connectRedis(redisUrl);
const sha1 = String(await writes.script('LOAD', SCRIPT));

async function read(): Promise<readonly Entry[]> {
  const options = ['GROUP', group, 'bare-loop', 'COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', input, '>'];
  const reply = (await reads.call('XREADGROUP', ...options)) as
    [string, Entry[]] | [[string, Entry[]]] | null;
  if (reply === null) return [];
  return (typeof reply[0] === 'string' ? reply[1] : reply[0][1]) as Entry[];
}

let first = 0;
function handOff(entries: readonly Entry[]): Promise<unknown> {
  const args: (string | number)[] = [group, entries.length, first];
  for (const [id, fields] of entries) args.push(id, fields.length, ...fields);
  first += entries.length;
  return writes.evalsha(sha1, queues.length + 1, input, ...queues, ...args);
}

const underWay: Promise<unknown>[] = [];
for (let next = read(); ;) {
  const entries = await next;
  next = read();
  if (entries.length > 0) underWay.push(handOff(entries));
  if (underWay.length >= MAX_HAND_OFFS || entries.length === 0) await underWay.shift();
}
