import {
  books as booksCodec,
  decodeFrame,
  entryId,
  type Fault,
  type KeyNames,
  nullable,
} from '@frame-buffer/models';
import type { Router } from '@frame-buffer/router';
import { deleteDeadLetter, listDeadLetters, requeueDeadLetters } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import * as t from 'io-ts';
import type { LedgerWatch } from '../ledger-watch.ts';
import { drainTimes } from '../drain-times.ts';
import type { Journey } from '../journey.ts';
import type { PoolDrain } from '../pool-drain.ts';
import { whyNotAll } from './all-or-none.ts';
import { explanationCodec } from './explanation.ts';
import { invalid, Problem } from './problem.ts';
import { listOf, wholeNumber } from './input-codecs.ts';
import { json, type Route, route } from './route.ts';

export interface FrameRoutesOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly journey: Journey;
  readonly drain: PoolDrain;
  readonly router: Router;
  readonly ledger: LedgerWatch;
  readonly defaultCapability: string | undefined;
}

const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;

const statsCodec = t.type({
  consumed: t.number,
  handed_off: t.number,
  dead_lettered: t.number,
  gone: t.number,
  shed: t.number,
  waiting: t.number,
  paused: t.boolean,
});
const backlogsCodec = t.type({
  waiting: t.array(
    t.type({
      capability: t.string,
      frames: t.number,
      oldest_seconds: t.number,
      /** What its processors take from this orchestrator now; null: unknown. */
      taken_per_second: nullable(t.number),
      /** Until those that wait now are taken, at this rate; null: unknown, or nothing is taken. */
      drain_seconds: nullable(t.number),
    }),
  ),
  /** null: the queue isn't there any more. */
  queues: t.array(t.type({ queue: t.string, outstanding: nullable(t.number) })),
});
/** captured + fanout equals the sum of the others; unaccounted is 0. */
const ledgerCodec = t.intersection([booksCodec, t.type({ counters: t.record(t.string, t.number) })]);
const flatRecordCodec = t.record(t.string, t.unknown, 'an object: the flat record of a frame');
const routeRequestCodec = t.intersection([
  t.type({ frame: flatRecordCodec }),
  t.partial({ dispatch: t.boolean }),
]);
const routedCodec = t.type({
  frame_id: t.string,
  dispatched: t.boolean,
  explanations: t.array(explanationCodec),
  /** Why there is no room for all of its copies at once; null where there is, or where one alone has none. */
  together: nullable(t.string),
});
const deadLetterCodec = t.type({ id: entryId, fields: t.record(t.string, t.string) });
/** `next`: what `before` must be for the next page; null at the end. */
const deadLettersCodec = t.type({ dead_letters: t.array(deadLetterCodec), next: nullable(entryId) });
const idsCodec = t.type({ ids: listOf(entryId, 1, MAX_PAGE) });
const requeuedCodec = t.type({ requeued: t.array(entryId), missing: t.array(entryId) });
const deletedCodec = t.type({ id: entryId, status: t.literal('deleted') });

/** Where frames are, the books, and the dead letters. */
export function frameRoutes({
  client,
  keys,
  journey,
  drain,
  router,
  ledger,
  defaultCapability,
}: FrameRoutesOptions): Route[] {
  return [
    {
      method: 'get',
      path: '/frames/stats',
      tag: 'frames',
      summary: 'What this orchestrator has done with frames since it started',
      answers: {
        200: {
          description: 'Counts of this process',
          schema: statsCodec,
        },
      },
      handle: () => json(journey.stats()),
    },
    {
      method: 'get',
      path: '/frames/backlogs',
      tag: 'frames',
      summary: 'Where frames wait: by capability here, with how long they will, and in the work queues',
      answers: {
        200: { description: 'Waiting frames', schema: backlogsCodec },
      },
      async handle() {
        const reading = await ledger.read();
        const queues = (reading?.queues ?? []).map(({ queue, outstanding }) => ({
          queue,
          outstanding: outstanding ?? null,
        }));
        const summaries = journey.waiting();
        const times = drainTimes(summaries, drain);
        const waiting = summaries.map(({ capability, frames, oldestSeconds }, i) => ({
          capability,
          frames,
          oldest_seconds: oldestSeconds,
          taken_per_second: times[i]?.takenPerSecond ?? null,
          drain_seconds: times[i]?.seconds ?? null,
        }));
        return json({ waiting, queues });
      },
    },
    {
      method: 'get',
      path: '/frames/ledger',
      tag: 'frames',
      summary: 'The books, read at this moment: where every captured frame is',
      answers: {
        200: { description: 'The books', schema: ledgerCodec },
        503: { description: 'No books have been opened' },
      },
      async handle() {
        const reading = await ledger.read();
        if (!reading)
          throw new Problem(503, 'The books are not open: the ledger is missing and is being made again.');
        return json({ ...reading.books, counters: reading.ledger });
      },
    },
    route({
      method: 'post',
      path: '/frames/route',
      tag: 'frames',
      summary: 'Explains where a frame would go; puts it into the input only if `dispatch` is true',
      body: { what: 'The request', codec: routeRequestCodec },
      answers: {
        200: { description: 'Every candidate, with its score and what excluded it', schema: routedCodec },
      },
      async handle({ body: { frame, dispatch = false } }) {
        const fields = flatRecord(frame);
        const decoded = decodeFrame(fields, { defaultCapability, isNew: true });
        if (!decoded.ok) throw invalid('The frame', inFrame(decoded.faults));
        const { frameId, cameraId, capabilities, format, width, height } = decoded.value;
        const wanted = capabilities.length > 0 ? capabilities : [undefined];
        const explanations = wanted.map((capability) =>
          router.explain({ capability, cameraId, format, width, height }),
        );
        if (dispatch) await client.xadd(keys.input, '*', ...Object.entries(fields).flat());
        const together = whyNotAll(explanations) ?? null;
        return json({ frame_id: frameId, dispatched: dispatch, explanations, together });
      },
    }),
    route({
      method: 'get',
      path: '/dead-letters',
      tag: 'dead letters',
      summary: 'The dead letters, newest first',
      query: {
        count: {
          description: `At most this many; ${DEFAULT_PAGE} where it is left out`,
          schema: wholeNumber(1, MAX_PAGE),
        },
        before: { description: 'Only those older than this id: the next page', schema: entryId },
      },
      answers: { 200: { description: 'A page', schema: deadLettersCodec } },
      async handle({ query: { count = DEFAULT_PAGE, before } }) {
        const letters = await listDeadLetters(client, keys, { count, before });
        const next = letters.length === count ? (letters.at(-1)?.id ?? null) : null;
        return json({ dead_letters: letters, next });
      },
    }),
    route({
      method: 'post',
      path: '/dead-letters/requeue',
      tag: 'dead letters',
      summary: 'Sends dead letters again, as a first attempt',
      body: { what: 'The request', codec: idsCodec },
      answers: { 200: { description: 'Which were sent, and which are not there', schema: requeuedCodec } },
      async handle({ body: { ids } }) {
        const sent = await requeueDeadLetters(client, keys, ids);
        return json({ requeued: ids.filter((_id, i) => sent[i]), missing: ids.filter((_id, i) => !sent[i]) });
      },
    }),
    {
      method: 'delete',
      path: '/dead-letters/:id',
      tag: 'dead letters',
      summary: 'Deletes a dead letter for good',
      answers: {
        200: { description: 'It is gone', schema: deletedCodec },
        404: { description: 'There is no such dead letter' },
      },
      async handle({ params }) {
        const id = params['id'] ?? '';
        if (!entryId.is(id) || !(await deleteDeadLetter(client, keys, id)))
          throw new Problem(404, `There is no dead letter ${id}.`);
        return json({ id, status: 'deleted' });
      },
    },
  ];
}

/** Values of other types than text are taken as JSON, as a publisher would write them. */
function flatRecord(frame: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(frame).map(([name, field]) => [
      name,
      typeof field === 'string' ? field : JSON.stringify(field),
    ]),
  );
}

const inFrame = (faults: readonly Fault[]): Fault[] =>
  faults.map((fault) => ({ ...fault, field: `frame.${fault.field}` }));
