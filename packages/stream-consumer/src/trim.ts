import type { KeyNames } from '@frame-buffer/models';
import { loadScript, type ScriptClient } from './script.ts';

/** Entries removed in one call: a long backlog of read entries goes in steps that hold nobody up. */
const TRIM_LIMIT = 10_000;
/** Results that nobody reads as a group are kept up to this many. */
const RESULTS_WITHOUT_GROUPS = 100_000;
const script = loadScript('trim-read');

/** Removes from the input what every group has acknowledged, and books it. @returns how many entries went */
export async function trimInput(client: ScriptClient, keys: KeyNames): Promise<number> {
  return (await script.run(client, [keys.ledger, keys.input], {
    limit: TRIM_LIMIT,
    counter: 'trimmed',
  })) as number;
}

/** Removes from a results stream what every group has acknowledged, or all but the last 100,000 where there is no group. */
export async function trimResults(client: ScriptClient, keys: KeyNames, results: string): Promise<number> {
  return (await script.run(client, [keys.ledger, results], {
    limit: TRIM_LIMIT,
    without_groups: RESULTS_WITHOUT_GROUPS,
  })) as number;
}

/** Removes from the queue of a client that only acknowledges what it has acknowledged. */
export async function trimAcknowledged(client: ScriptClient, keys: KeyNames, queue: string): Promise<number> {
  return (await script.run(client, [keys.ledger, queue], { limit: TRIM_LIMIT })) as number;
}
