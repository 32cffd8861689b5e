import type { KeyNames } from '@frame-buffer/models';

/** What a processor has made of its frames since it came, by the counts that its completions and failures move. */
export interface Outcomes {
  readonly completed: number;
  readonly failed: number;
}

interface OutcomesClient {
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
  hdel(key: string, ...fields: string[]): Promise<number>;
}

const fieldsOf = (processorId: string): string[] => [`done:${processorId}`, `failed:${processorId}`];

/** @returns in the order of the ids; 0 for whoever has finished nothing, which is also the answer for older clients that only acknowledge */
export async function readOutcomes(
  client: OutcomesClient,
  { ledger }: Pick<KeyNames, 'ledger'>,
  processorIds: readonly string[],
): Promise<Outcomes[]> {
  if (processorIds.length === 0) return [];
  const values = await client.hmget(ledger, ...processorIds.flatMap(fieldsOf));
  return processorIds.map((_id, i) => ({
    completed: Number(values[2 * i] ?? 0),
    failed: Number(values[2 * i + 1] ?? 0),
  }));
}

/** The same from a ledger that was read as a whole. */
export function outcomesIn(ledger: Readonly<Record<string, number>>, processorId: string): Outcomes {
  return { completed: ledger[`done:${processorId}`] ?? 0, failed: ledger[`failed:${processorId}`] ?? 0 };
}

/** For a processor that has left: its counts begin anew when it comes back. */
export async function forgetOutcomes(
  client: OutcomesClient,
  { ledger }: Pick<KeyNames, 'ledger'>,
  processorId: string,
): Promise<void> {
  await client.hdel(ledger, ...fieldsOf(processorId));
}
