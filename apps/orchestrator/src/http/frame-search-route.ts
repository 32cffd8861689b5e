import { decodeFrame, type KeyNames, oneOf } from '@frame-buffer/models';
import type { Explanation, NoneReason, Router } from '@frame-buffer/router';
import { findFrame, type FoundEntry } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import * as t from 'io-ts';
import type { Fleet } from '../fleet.ts';
import type { LedgerWatch } from '../ledger-watch.ts';
import type { DecisionLog } from '../page/decision-log.ts';
import { frameStory, storyEvent } from './frame-story.ts';
import { entryId } from './input-codecs.ts';
import { Problem } from './problem.ts';
import { json, nullable, type Route } from './route.ts';

export interface FrameSearchOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly group: string;
  readonly fleet: Fleet;
  readonly ledger: LedgerWatch;
  readonly router: Pick<Router, 'explain'>;
  readonly decisions: DecisionLog;
  readonly defaultCapability: string | undefined;
}

const placeCodec = t.type({
  at: t.string,
  where: oneOf('input', 'queue', 'retry', 'results', 'dead_letter', 'shed'),
  state: oneOf('unread', 'pending', 'settled'),
  stream: t.string,
  entry_id: entryId,
  holder: nullable(t.string),
  sentence: t.string,
  fields: t.record(t.string, t.string),
});
const waitCodec = t.type({
  capability: nullable(t.string),
  strategy: t.string,
  sentence: t.string,
  candidates: t.array(
    t.type({
      processor_id: t.string,
      outstanding: t.number,
      capacity: t.number,
      score: t.number,
      excluded: nullable(t.string),
    }),
  ),
});
const foundCodec = t.type({
  frame_id: t.string,
  now: t.string,
  partial: t.boolean,
  path: t.array(placeCodec),
  events: t.array(storyEvent),
  explanations: t.array(waitCodec),
});

/** What `GET /frames/:id` answers. */
export type FrameStory = t.TypeOf<typeof foundCodec>;

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
          'Its places in time, the last one is where it is now; what happened to it; and for one that waits, every candidate, with its score and what excludes it',
        schema: foundCodec,
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
      const found: FrameStory = {
        frame_id: frameId,
        now: sentenceOf(last),
        partial,
        path: entries.map(place),
        events: frameStory(entries, decisions.of(frameId)),
        explanations: entries.filter(waits).flatMap((entry) => explanationsOf(entry, options)),
      };
      return json(found);
    },
  };
}

/** Read or not, it is not handed off yet. */
const waits = ({ where, state }: FoundEntry): boolean =>
  where === 'retry' || (where === 'input' && state !== 'settled');

/** Why it would go where, or why it can't go anywhere now. */
function explanationsOf(
  { where, fields }: FoundEntry,
  { router, defaultCapability }: FrameSearchOptions,
): t.TypeOf<typeof waitCodec>[] {
  const decoded = decodeFrame(fields, { defaultCapability });
  if (!decoded.ok) return [];
  const { cameraId, capabilities, format, width, height } = decoded.value;
  const back = where === 'retry' ? fields : {};
  const asked: readonly (string | undefined)[] = back['capability'] ? [back['capability']] : capabilities;
  const avoid = back['failed_by'] || undefined;
  return (asked.length > 0 ? asked : [undefined]).map((capability) =>
    explanationOf(router.explain({ capability, cameraId, format, width, height, avoid })),
  );
}

const WHY: Readonly<Record<NoneReason, string>> = {
  no_processor: 'no processor is registered for it',
  unavailable: 'every processor for it is drained, isolated, behind an open breaker or without a heartbeat',
  no_credit: 'every processor for it is at its capacity',
  constraints: 'no processor for it takes frames of this format, size or camera',
};

function explanationOf({
  strategy,
  capability,
  decision,
  candidates,
}: Explanation): t.TypeOf<typeof waitCodec> {
  const sentence =
    decision.processorId === undefined
      ? `it waits: ${WHY[decision.why]}`
      : `it would go to ${decision.processorId} now (${decision.reason})`;
  return {
    capability: capability ?? null,
    strategy,
    sentence,
    candidates: candidates.map(({ processorId, outstanding, capacity, score, excluded }) => ({
      processor_id: processorId,
      outstanding,
      capacity,
      score,
      excluded: excluded === undefined ? null : excluded.replaceAll('_', ' '),
    })),
  };
}

function place(entry: FoundEntry): t.TypeOf<typeof placeCodec> {
  return {
    at: new Date(Number.parseInt(entry.entryId, 10)).toISOString(),
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
