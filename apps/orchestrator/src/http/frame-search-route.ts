import {
  type FrameStory,
  frameStory as storyCodec,
  type KeyNames,
  type StoryPlace,
} from '@frame-buffer/models';
import { findFrame, type FoundEntry } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import type { Fleet } from '../fleet.ts';
import type { LedgerWatch } from '../ledger-watch.ts';
import type { DecisionLog } from '../page/decision-log.ts';
import { frameDecisions, type FrameDecisionsOptions } from './frame-decisions.ts';
import { frameStory } from './frame-story.ts';
import { entryTime } from './frame-traces.ts';
import { Problem } from './problem.ts';
import { json, type Route } from './route.ts';

export interface FrameSearchOptions extends FrameDecisionsOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly group: string;
  readonly fleet: Fleet;
  readonly ledger: LedgerWatch;
  readonly decisions: DecisionLog;
}

/** Where one frame is, and what happened to it. */
export function frameSearchRoute(options: FrameSearchOptions): Route {
  const { client, keys, group, fleet, ledger, decisions } = options;
  return {
    method: 'get',
    path: '/frames/:id',
    tag: 'frames',
    summary: 'Where a frame is and what happened to it, from every stream that has a trace of it',
    answers: {
      200: {
        description:
          'Its places in time, the last one is where it is now; what happened to it; and for each decision, as it stood when it was made, every candidate with its score and what excluded it; for one that waits, as it stands now',
        schema: storyCodec,
      },
      404: { description: 'No stream has a trace of it' },
    },
    async handle({ params }) {
      const frameId = params['id'] ?? '';
      const members = [...fleet.members()];
      // Queues of processors that have left are in the books as long as something is in them.
      const queues = new Map<string, { queue: string; group: string }>();
      for (const { target } of members) queues.set(target.queue, target);
      for (const queue of ledger.latest()?.queues ?? []) queues.set(queue.queue, queue);
      const results = new Set([keys.results, ...members.map(({ registration }) => registration.results)]);
      const { entries, partial } = await findFrame(client, frameId, {
        keys,
        group,
        queues: [...queues.values()],
        results: [...results],
      });
      const last = entries.at(-1);
      if (!last) {
        const where = partial ? 'The newest entries of the streams have no' : 'No stream has a';
        throw new Problem(
          404,
          `${where} trace of a frame ${frameId}: it was never published here, or it is done and was trimmed.`,
        );
      }
      const remembered = decisions.of(frameId);
      const found: FrameStory = {
        frame_id: frameId,
        now: sentenceOf(last),
        partial,
        path: entries.map(place),
        events: frameStory(entries, remembered),
        explanations: frameDecisions(remembered, entries, options),
      };
      return json(found);
    },
  };
}

function place(entry: FoundEntry): StoryPlace {
  return {
    at: entryTime(entry),
    where: entry.where,
    state: entry.state,
    stream: entry.stream,
    entry_id: entry.entryId,
    holder: entry.holder ?? null,
    sentence: sentenceOf(entry),
    fields: entry.fields,
  };
}

function sentenceOf({ where, state, holder, fields, stream }: FoundEntry): string {
  const attempt = fields['attempt'] ? ` (attempt ${fields['attempt']})` : '';
  switch (where) {
    case 'input':
      if (state === 'unread') return 'published, and not read by an orchestrator yet';
      return state === 'pending'
        ? `read by orchestrator ${holder}, and waiting for a processor with credit`
        : 'published and handed off, or settled';
    case 'queue':
      if (state === 'unread') return `in the queue ${stream}${attempt}, not read by its processor yet`;
      return state === 'pending'
        ? `in process at ${holder}, from ${stream}${attempt}`
        : `done by a processor that only acknowledges, from ${stream}${attempt}`;
    case 'retry':
      return `given back${fields['failed_by'] ? ` by ${fields['failed_by']}` : ''}, and waiting to be handed off again${attempt}`;
    case 'results':
      return `result published by ${fields['processor_id'] ?? 'a processor'}${attempt}`;
    case 'dead_letter':
      return `dead letter: ${fields['dead_letter_reason'] ?? 'unknown'}: ${fields['dead_letter_detail'] ?? ''}`;
    case 'shed':
      return `shed: ${fields['shed_reason'] ?? 'unknown'}`;
  }
}
