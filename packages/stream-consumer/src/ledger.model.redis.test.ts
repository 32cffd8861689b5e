import { type RedisServer, startRedis } from '@frame-buffer/testing';
import type { Redis } from 'ioredis';
import { connectRedis } from './connection.ts';
import { searchLedger } from './test-support/ledger/property.ts';

/** What fits into some seconds; `search-ledger.ts` takes any number. */
const NUM_RUNS = 80;
const REACHED = [
  'input: read unseen',
  'input: adopted by another',
  'input: adopted by its own',
  'input: trimmed unread by a publisher',
  'input: trimmed read by a publisher',
  'retry: read',
  'hand-off: handed_off',
  'hand-off: handed_off for two capabilities',
  'hand-off: no_credit',
  'hand-off: departed',
  'hand-off: gone',
  'completion by p2: published',
  'completion by p2: published before',
  'completion by p2: refused',
  'giving back: failed',
  'taken back: pending',
  'taken back: unread',
  'taken back: refused, somebody has it',
  'dead letter: settled',
  'dead letter: sent again',
  'shed: settled',
  'trim: input',
];

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = connectRedis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe('the scripts and the ledger', () => {
  it('do what the model says, in any order, each script sent twice', async () => {
    const tally = await searchLedger(redis, { numRuns: NUM_RUNS });
    // A search that never gets there finds nothing.
    expect([...tally.keys()]).toEqual(expect.arrayContaining(REACHED));
  }, 120_000);
});
