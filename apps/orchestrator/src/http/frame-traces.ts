import type { FlatRecord } from '@frame-buffer/models';
import type { FoundEntry } from '@frame-buffer/stream-consumer';

export interface FailedAttempt {
  readonly processor_id?: unknown;
  readonly attempt?: unknown;
  readonly error?: unknown;
  readonly at?: unknown;
}

/** A hand-off that a trace of a frame tells of: its entry in a queue, or what came of it. */
export interface TracedHandOff {
  readonly processorId: string;
  /** undefined: the trace doesn't say. */
  readonly capability: string | undefined;
  readonly attempt: number;
  readonly at: string | undefined;
  readonly dispatchedBy: string | undefined;
}

/** Each once, whoever repeats it. */
export function tracedHandOffs(entries: readonly FoundEntry[]): TracedHandOff[] {
  const found: TracedHandOff[] = [];
  // Queues first: they say the most.
  const rest = entries.filter(({ where }) => where !== 'queue');
  for (const entry of [...entries.filter(({ where }) => where === 'queue'), ...rest]) {
    for (const handOff of handOffsIn(entry))
      if (!found.some((other) => isSame(handOff, other))) found.push(handOff);
  }
  return found;
}

/** Whether both are one hand-off, as far as they tell. */
export const isSame = (
  a: Omit<TracedHandOff, 'at' | 'dispatchedBy'>,
  b: Omit<TracedHandOff, 'at' | 'dispatchedBy'>,
): boolean =>
  a.processorId === b.processorId &&
  a.attempt === b.attempt &&
  (a.capability === undefined || b.capability === undefined || a.capability === b.capability);

function* handOffsIn(entry: FoundEntry): Generator<TracedHandOff> {
  const { where, fields } = entry;
  const capability = fields['capability'];
  const untimed = { capability, at: undefined, dispatchedBy: undefined };
  for (const { processor_id: id, attempt } of failuresOf(fields)) {
    if (typeof id === 'string' && typeof attempt === 'number') yield { processorId: id, attempt, ...untimed };
  }
  const attempt = Number(fields['attempt'] ?? 1);
  if (where === 'results' && fields['processor_id'] !== undefined)
    yield { processorId: fields['processor_id'], attempt, ...untimed };
  if (where === 'queue')
    yield {
      processorId: queueOwner(entry),
      capability,
      attempt,
      at: entryTime(entry),
      dispatchedBy: fields['dispatched_by'],
    };
}

/** Of the attempts before, as the frame's record tells them; whatever somebody else wrote there. */
export function failuresOf(fields: FlatRecord): FailedAttempt[] {
  try {
    const errors: unknown = JSON.parse(fields['errors'] ?? '[]');
    return Array.isArray(errors) ? errors.filter((error) => typeof error === 'object' && error !== null) : [];
  } catch {
    return [];
  }
}

export const queueOwner = ({ stream }: FoundEntry): string =>
  stream.slice(stream.indexOf('ready:') + 'ready:'.length);

/** The last moment that a date can be; the id of an entry may say a later one. */
const LAST_MS = 8.64e15;

/** When it was written, ISO 8601. */
export const entryTime = ({ entryId }: FoundEntry): string =>
  new Date(Math.min(Number.parseInt(entryId, 10), LAST_MS)).toISOString();
