import type { Source } from '@frame-buffer/stream-consumer';
import type { Parked } from './parked.ts';
import type { HeldFrame, WaitingRoom } from './waiting-room.ts';

export interface LetGoOptions {
  readonly room: Pick<WaitingRoom, 'pools'>;
  readonly parked: Pick<Parked, 'ids' | 'drop'>;
  /** A frame that waited in memory has left its pool. */
  readonly onGone: (frame: HeldFrame) => void;
}

/**
 * Lets go of frames that wait here and are pending for us no more: another orchestrator has adopted them, or they are done. A frame in a
 * hand-off is left alone: the answer to it tells.
 * @param askPending ids of what is pending for us @returns how many went
 */
export async function letGo(
  source: Source,
  askPending: () => Promise<ReadonlySet<string>>,
  { room, parked, onGone }: LetGoOptions,
): Promise<number> {
  // Whatever comes while Redis is asked isn't in doubt.
  const asked = new Set(parked.ids(source));
  for (const { entry } of waitingOf(room)) if (entry.source === source) asked.add(entry.id);
  if (asked.size === 0) return 0;
  const pending = await askPending();
  const gone = new Set([...asked].filter((id) => !pending.has(id)));
  let count = parked.drop(source, gone);
  for (const { queue } of room.pools()) {
    for (const place of [...queue]) {
      const { entry } = place.item;
      if (entry.source !== source || !gone.has(entry.id) || !queue.remove(place)) continue;
      onGone(place.item);
      count++;
    }
  }
  return count;
}

function* waitingOf(room: LetGoOptions['room']): Iterable<HeldFrame> {
  for (const { queue } of room.pools()) for (const { item } of queue) yield item;
}
