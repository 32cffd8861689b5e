import { type FlatRecord, parseTimestamp, type StoryEvent } from '@frame-buffer/models';
import type { FoundEntry } from '@frame-buffer/stream-consumer';
import type { LoggedDecision } from '../page/decision-log.ts';
import { decisionSentence } from './decision-sentence.ts';
import { entryTime, failuresOf, queueOwner } from './frame-traces.ts';

/**
 * What happened to a frame, in time, from every trace of it that is left: entries of streams, what they say of earlier hand-offs and
 * failed attempts, and the decisions that this orchestrator remembers.
 */
export function frameStory(
  entries: readonly FoundEntry[],
  decisions: readonly LoggedDecision[],
): StoryEvent[] {
  const events = new Map<string, StoryEvent>();
  /** The same fact is told by several entries: the first telling counts. */
  const tell = (key: string, event: StoryEvent): void => {
    if (!events.has(key)) events.set(key, event);
  };
  // What was read and settled is trimmed from the input: then a later entry says when it was captured.
  const [first] = entries.filter((entry) => capturedMs(entry) !== undefined);
  if (first && !entries.some(({ where }) => where === 'input')) {
    tell('captured', {
      at: iso(capturedMs(first) ?? 0),
      kind: 'captured',
      sentence: `captured by camera ${first.fields['camera_id'] ?? 'unknown'}`,
    });
  }
  for (const decision of decisions) {
    const { processorId, asked, attempt, atMs } = decision;
    // Its entry among those shed tells the rest.
    if (processorId === undefined) continue;
    tell(handOffKey(processorId, asked.capability, attempt), {
      // It was noted when Redis had answered; a quick processor was done by then.
      at: iso(Math.min(atMs, ...endsOf(entries, processorId, attempt))),
      kind: 'handed_off',
      sentence: decisionSentence(decision),
    });
  }
  for (const entry of entries) {
    const at = entryTime(entry);
    const { fields } = entry;
    for (const failure of failuresOf(fields)) {
      const { processor_id: id, attempt, error } = failure;
      const when = typeof failure.at === 'string' && !Number.isNaN(Date.parse(failure.at)) ? failure.at : at;
      tell(`failed ${String(id)} ${String(attempt)} ${fields['capability']}`, {
        at: new Date(when).toISOString(),
        kind: 'attempt_failed',
        sentence: `attempt ${String(attempt)} failed at ${String(id)}: ${String(error)}`,
      });
    }
    const own = entryEvent(entry, at);
    if (own) tell(`${entry.stream} ${entry.entryId}`, own);
    if (entry.where === 'queue') {
      const [id, attempt] = [queueOwner(entry), Number(fields['attempt'] ?? 1)];
      tell(handOffKey(id, fields['capability'], attempt), {
        at,
        kind: 'handed_off',
        sentence: `handed to ${id} by ${fields['dispatched_by'] ?? 'an orchestrator'}${attemptOf(fields)}`,
      });
    }
  }
  return [...events.values()].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** When attempts of this processor ended, in ms since the epoch. */
function endsOf(entries: readonly FoundEntry[], processorId: string, attempt: number): number[] {
  return entries.flatMap(({ where, entryId, fields }) => {
    const failed = failuresOf(fields)
      .filter((failure) => failure.processor_id === processorId && failure.attempt === attempt)
      .map(({ at }) => (typeof at === 'string' ? Date.parse(at) : Number.NaN));
    const published =
      where === 'results' && fields['processor_id'] === processorId && Number(fields['attempt']) === attempt;
    return [...failed, ...(published ? [Number.parseInt(entryId, 10)] : [])].filter(Number.isFinite);
  });
}

/** A result has a time of its own. */
function capturedMs({ where, fields }: FoundEntry): number | undefined {
  const text = fields[where === 'results' ? 'captured_at' : 'timestamp'];
  return text === undefined ? undefined : parseTimestamp(text);
}

function entryEvent({ where, fields }: FoundEntry, at: string): StoryEvent | undefined {
  switch (where) {
    case 'input':
      return {
        at,
        kind: 'published',
        sentence: `published by camera ${fields['camera_id'] ?? 'unknown'}${captured(fields, at)}`,
      };
    case 'retry':
      return {
        at,
        kind: 'given_back',
        sentence: `given back${fields['failed_by'] ? ` by ${fields['failed_by']}` : ''}, to be handed off again${attemptOf(fields)}`,
      };
    case 'results': {
      const seconds = Number.parseFloat(fields['processing_time'] ?? '');
      const took = Number.isFinite(seconds) ? ` after ${Math.round(seconds * 1000)} ms of processing` : '';
      return {
        at,
        kind: 'result',
        sentence: `result${fields['capability'] ? ` of ${fields['capability']}` : ''} published by ${fields['processor_id'] ?? 'a processor'}${took}${attemptOf(fields)}`,
      };
    }
    case 'dead_letter':
      return {
        at,
        kind: 'dead_letter',
        sentence: `dead letter: ${fields['dead_letter_reason'] ?? 'unknown'}: ${fields['dead_letter_detail'] ?? ''}`,
      };
    case 'shed':
      return {
        at,
        kind: 'shed',
        sentence: `shed: ${fields['shed_reason'] ?? 'unknown'}${fields['shed_detail'] ? `: ${fields['shed_detail']}` : ''}`,
      };
    case 'queue':
      return undefined;
  }
}

const handOffKey = (id: string, capability: string | undefined, attempt: number): string =>
  `handed ${id} ${capability ?? ''} ${attempt}`;
const attemptOf = (fields: FlatRecord): string =>
  fields['attempt'] ? ` (attempt ${fields['attempt']})` : '';
const iso = (ms: number): string => new Date(ms).toISOString();

function captured(fields: FlatRecord, at: string): string {
  const delayMs = Date.parse(at) - Date.parse(fields['timestamp'] ?? '');
  return Number.isFinite(delayMs) && delayMs >= 0 ? `, ${delayMs} ms after it was captured` : '';
}
