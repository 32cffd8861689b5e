/**
 * Looks for faults of the scripts and the ledger with as many random sequences as asked for. From the root:
 *
 *   npx node --conditions=@frame-buffer/source packages/stream-consumer/src/test-support/ledger/search-ledger.ts 5000 [seed [path]]
 */
import { startRedis } from '@frame-buffer/testing';
import { connectRedis } from '../../connection.ts';
import { searchLedger } from './property.ts';

const [numRuns = '1000', seed, path] = process.argv.slice(2);
const server = await startRedis();
const redis = connectRedis(server.url);
try {
  const tally = await searchLedger(redis, {
    numRuns: Number(numRuns),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  });
  for (const [what, count] of [...tally].toSorted()) console.log(`${String(count).padStart(8)}  ${what}`);
  console.log(`${numRuns} sequences: nothing found`);
} finally {
  redis.disconnect();
  await server.stop();
}
