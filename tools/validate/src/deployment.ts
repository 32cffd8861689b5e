import type { Registration } from '@frame-buffer/models';
import { queueActivity, readBooks } from '@frame-buffer/stream-consumer';
import type { Context } from './context.ts';
import { detailOf } from './orchestrator.ts';

/** Who waits for entries asks again every second; older clients every five. */
const READING_WITHIN_MS = 15_000;

type Processor = Pick<Registration, 'id' | 'queue' | 'group' | 'state'> & { readonly alive: boolean };

/** Task 1: what capture services write to is there, and nothing deletes from it. */
export async function checkStream({ redis, keys, group, note }: Context): Promise<void> {
  const type = await redis.type(keys.input);
  note(
    'stream present',
    type === 'stream',
    type === 'stream' ? `${keys.input}, ${await redis.xlen(keys.input)} entries` : `${keys.input} is ${type}`,
  );
  const [, policy = 'unknown'] = ((await redis.config('GET', 'maxmemory-policy').catch(() => [])) ??
    []) as string[];
  note('nothing is evicted', policy === 'noeviction', `maxmemory-policy ${policy}`);
  const reading = await readBooks(redis, { keys, group });
  const lost = reading?.books.lostUpstream ?? 0;
  note(
    'nothing is trimmed away unread',
    lost === 0,
    lost === 0 ? 'no publisher used MAXLEN' : `${lost} frames were: a publisher uses MAXLEN`,
  );
}

/** Task 2: the orchestrators read, and the processors are registered and read. */
export async function checkReaders(context: Context): Promise<void> {
  const { redis, keys, group, orchestrator, note } = context;
  const ready = await orchestrator.call('GET', '/health/ready');
  note('orchestrator ready', ready.status === 200, ready.status === 200 ? 'it reads' : detailOf(ready));

  const activity = await queueActivity(redis, { queue: keys.input, group });
  // A reader that waits and never got anything has no name in the group yet.
  const isRead =
    activity !== undefined && (!activity.unread || (activity.idleMs ?? Infinity) < READING_WITHIN_MS);
  note(
    'group reading',
    isRead,
    activity === undefined
      ? `there is no group ${group}`
      : `${group}, ${activity.pending} pending, ${activity.unread ? 'more unread' : 'nothing unread'}`,
  );

  const processors = ((await orchestrator.call('GET', '/processors')).body ?? []) as Processor[];
  const dead = processors.filter(({ alive }) => !alive);
  note(
    'processors registered',
    processors.length > 0 && dead.length === 0,
    processors.length === 0
      ? 'none'
      : `${processors.length}${dead.length > 0 ? `, silent: ${namesOf(dead)}` : ', all alive'}`,
  );
  const silent: Processor[] = [];
  for (const processor of processors) {
    const found = await queueActivity(redis, processor);
    const works = found !== undefined && (found.pending > 0 || !found.unread);
    const asks = found?.idleMs !== undefined && found.idleMs < READING_WITHIN_MS;
    if (!works && !asks) silent.push(processor);
  }
  note(
    'processors reading',
    silent.length === 0,
    silent.length === 0 ? 'no queue waits unread' : `unread queues: ${namesOf(silent)}`,
  );
  await checkBooks(context);
}

/** The books of the whole deployment, production and probe. */
export async function checkBooks({ redis, keys, group, note }: Context): Promise<void> {
  const reading = await readBooks(redis, { keys, group });
  const unaccounted = reading?.books.unaccounted;
  note(
    'books balanced',
    unaccounted === 0,
    reading ? `${reading.books.captured} captured, ${unaccounted} unaccounted` : 'no books have been opened',
  );
}

const namesOf = (processors: readonly Processor[]): string => processors.map(({ id }) => id).join(', ');
