/** The frames of a system under test: what is published, and what became of it. */
import { type Books, inFlight, INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { readBooks, recordOf } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';

const keys = keyNames();

/** A frame for the sample processor. */
export const publish = (redis: Redis, id: string): Promise<string | null> =>
  redis.xadd(keys.input, '*', 'frame_id', id, 'camera_id', 'c', 'detection_type', 'sample_processing');

/** Ids of the frames that have results, as often as they have one. */
export const resultsOf = async (redis: Redis): Promise<(string | undefined)[]> =>
  (await redis.xrange(keys.results, '-', '+')).map(([, flat]) => recordOf(flat)['frame_id']);

/** Undefined where nobody has kept books yet. */
export const booksOf = async (redis: Redis): Promise<Books | undefined> =>
  (await readBooks(redis, { keys, group: INPUT_GROUP }))?.books;

/** Whether every frame that was captured has its outcome. */
export async function isSettled(redis: Redis): Promise<boolean> {
  const now = await booksOf(redis);
  return now !== undefined && inFlight(now) === 0;
}
