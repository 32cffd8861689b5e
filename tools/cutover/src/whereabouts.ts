import type { KeyNames } from '@frame-buffer/models';
import { createRegistry } from '@frame-buffer/registry';
import { findFrame, type FoundEntry, type PendingEntry, recordOf } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';

/** Where a frame that was pending in the old group is now. */
export interface Whereabouts {
  readonly entryId: string;
  readonly frameId: string;
  readonly formerConsumer: string;
  /** In words. */
  readonly now: string;
}

/** A frame of the old group that was pending, with the name by which it is found again. */
export interface KnownFrame {
  readonly entryId: string;
  readonly frameId: string;
  readonly formerConsumer: string;
}

/** Newest entries searched in each stream. */
const MAX_SEARCHED = 20_000;

/** Must be asked before the frames move: what is settled may be trimmed from the input. */
export async function knownFrames(
  client: Redis,
  keys: KeyNames,
  pending: readonly PendingEntry[],
): Promise<KnownFrame[]> {
  return Promise.all(
    pending.map(async ([entryId, formerConsumer]) => {
      const [entry] = await client.xrange(keys.input, entryId, entryId);
      return { entryId, formerConsumer, frameId: entry ? (recordOf(entry[1])['frame_id'] ?? '') : '' };
    }),
  );
}

/** Looks each frame up in every stream that it can have gone to. */
export async function whereaboutsOf(
  client: Redis,
  keys: KeyNames,
  group: string,
  frames: readonly KnownFrame[],
): Promise<Whereabouts[]> {
  const processors = (await createRegistry({ client, keys }).list()).map(({ registration }) => registration);
  const options = {
    keys,
    group,
    queues: processors,
    results: [...new Set([keys.results, ...processors.map(({ results }) => results)])],
    maxEntries: MAX_SEARCHED,
  };
  const found: Whereabouts[] = [];
  for (const frame of frames) {
    const { entries } =
      frame.frameId === '' ? { entries: [] } : await findFrame(client, frame.frameId, options);
    found.push({ ...frame, now: inWords(entries, frame) });
  }
  return found;
}

function inWords(entries: readonly FoundEntry[], { entryId }: KnownFrame): string {
  const reached = entries.findLast(({ where }) => where !== 'input');
  if (reached) {
    const { where, stream, state, holder } = reached;
    if (where === 'queue' && state === 'unread') return `handed off: waits in ${stream}`;
    if (where === 'queue' && state === 'pending') return `handed off: in process at ${holder} (${stream})`;
    if (where === 'queue') return `done (acknowledged in ${stream})`;
    if (where === 'results') return `done: its result is in ${stream}`;
    if (where === 'retry') return 'came back, and waits to be handed off again';
    return where === 'dead_letter'
      ? `dead letter: ${reached.fields['dead_letter_detail'] ?? reached.fields['dead_letter_reason']}`
      : `shed: ${reached.fields['shed_reason'] ?? 'under a policy'}`;
  }
  const here = entries.find((entry) => entry.entryId === entryId);
  if (here?.state === 'pending')
    return `held by orchestrator ${here.holder}, waits for a processor with room`;
  return 'handed off, finished, and trimmed since';
}
