import { books as booksCodec, decodeFrame, jsonSchemaOf, type KeyNames } from '@frame-buffer/models';
import type { Router } from '@frame-buffer/router';
import { deleteDeadLetter, listDeadLetters, requeueDeadLetters } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import type { LedgerWatch } from '../ledger-watch.ts';
import type { Journey } from '../frame-journey.ts';
import { invalid, Problem } from './problem.ts';
import { arrayOf, BOOLEAN, json, NUMBER, object, type Route, STRING } from './route.ts';

export interface FrameRoutesOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly journey: Journey;
  readonly router: Router;
  readonly ledger: LedgerWatch;
  readonly defaultCapability: string | undefined;
}

const MAX_PAGE = 1000;
const DEFAULT_PAGE = 100;
const BOOKS = jsonSchemaOf(booksCodec);
const DEAD_LETTER = object({ id: STRING, fields: { type: 'object', additionalProperties: STRING } });
const ENTRY_ID = /^\d{1,16}-\d{1,20}$/;

/** Where frames are, the books, and the dead letters. */
export function frameRoutes({
  client,
  keys,
  journey,
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
          schema: object({
            consumed: NUMBER,
            handed_off: NUMBER,
            dead_lettered: NUMBER,
            gone: NUMBER,
            shed: NUMBER,
            waiting: NUMBER,
            paused: BOOLEAN,
          }),
        },
      },
      handle: () => json(journey.stats()),
    },
    {
      method: 'get',
      path: '/frames/backlogs',
      tag: 'frames',
      summary: 'Where frames wait: by capability here, and in the work queues',
      answers: {
        200: {
          description: 'Waiting frames',
          schema: object({
            waiting: arrayOf(object({ capability: STRING, frames: NUMBER, oldest_seconds: NUMBER })),
            queues: arrayOf(object({ queue: STRING, outstanding: { type: ['number', 'null'] } })),
          }),
        },
      },
      async handle() {
        const reading = await ledger.read();
        const queues = (reading?.queues ?? []).map(({ queue, outstanding }) => ({
          queue,
          outstanding: outstanding ?? null,
        }));
        const waiting = journey.waiting().map(({ capability, frames, oldestSeconds }) => ({
          capability,
          frames,
          oldest_seconds: oldestSeconds,
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
        200: {
          description: 'The books',
          schema: {
            ...BOOKS,
            description: 'captured + fanout equals the sum of the others; unaccounted is 0',
          },
        },
        503: { description: 'No books have been opened' },
      },
      async handle() {
        const reading = await ledger.read();
        if (!reading)
          throw new Problem(503, 'The books are not open: the streams are missing and are being made again.');
        return json({ ...reading.books, counters: reading.ledger });
      },
    },
    {
      method: 'post',
      path: '/frames/route',
      tag: 'frames',
      summary: 'Explains where a frame would go; puts it into the input only if `dispatch` is true',
      body: object(
        {
          frame: { type: 'object', additionalProperties: STRING, description: 'The flat record' },
          dispatch: BOOLEAN,
        },
        ['frame'],
      ),
      answers: {
        200: {
          description: 'Every candidate, with its score and what excluded it',
          schema: object({
            frame_id: STRING,
            dispatched: BOOLEAN,
            explanations: arrayOf({ type: 'object' }),
          }),
        },
        422: { description: 'The record has faults' },
      },
      async handle({ body }) {
        const { frame: record, dispatch } = (body ?? {}) as { frame?: unknown; dispatch?: unknown };
        const fields = flatRecord(record);
        const decoded = decodeFrame(fields, { defaultCapability });
        if (!decoded.ok) throw invalid('The frame', decoded.faults);
        const { frameId, cameraId, capabilities, format, width, height } = decoded.value;
        const wanted = capabilities.length > 0 ? capabilities : [undefined];
        const explanations = wanted.map((capability) =>
          router.explain({ capability, cameraId, format, width, height }),
        );
        if (dispatch === true) await client.xadd(keys.input, '*', ...Object.entries(fields).flat());
        return json({ frame_id: frameId, dispatched: dispatch === true, explanations });
      },
    },
    {
      method: 'get',
      path: '/dead-letters',
      tag: 'dead letters',
      summary: 'The dead letters, newest first',
      query: {
        count: {
          description: `At most this many, up to ${MAX_PAGE}`,
          schema: { type: 'integer', minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE },
        },
        before: { description: 'Only those older than this id', schema: STRING },
      },
      answers: {
        200: {
          description: 'A page',
          schema: object({ dead_letters: arrayOf(DEAD_LETTER), next: { type: ['string', 'null'] } }),
        },
        422: { description: 'count or before is no such thing' },
      },
      async handle({ query }) {
        const count = Number(query['count'] ?? DEFAULT_PAGE);
        const faults = [];
        if (!(Number.isInteger(count) && count >= 1 && count <= MAX_PAGE)) {
          faults.push({
            field: 'count',
            value: String(query['count']),
            expected: `a whole number from 1 to ${MAX_PAGE}`,
          });
        }
        const before = query['before'];
        if (before !== undefined && !ENTRY_ID.test(before))
          faults.push({ field: 'before', value: before, expected: 'an entry id, <ms>-<seq>' });
        if (faults.length > 0) throw invalid('The request', faults);
        const letters = await listDeadLetters(client, keys, { count, before });
        const next = letters.length === count ? (letters.at(-1)?.id ?? null) : null;
        return json({ dead_letters: letters, next });
      },
    },
    {
      method: 'post',
      path: '/dead-letters/requeue',
      tag: 'dead letters',
      summary: 'Sends dead letters again, as a first attempt',
      body: object({ ids: { type: 'array', items: STRING, minItems: 1, maxItems: MAX_PAGE } }),
      answers: {
        200: {
          description: 'Which were sent, and which are not there',
          schema: object({ requeued: arrayOf(STRING), missing: arrayOf(STRING) }),
        },
        422: { description: 'ids is no list of entry ids' },
      },
      async handle({ body }) {
        const { ids } = (body ?? {}) as { ids?: unknown };
        if (
          !Array.isArray(ids) ||
          ids.length === 0 ||
          ids.length > MAX_PAGE ||
          !ids.every((id) => typeof id === 'string' && ENTRY_ID.test(id))
        ) {
          throw invalid('The request', [
            {
              field: 'ids',
              value: JSON.stringify(ids)?.slice(0, 80) ?? 'nothing',
              expected: `1 to ${MAX_PAGE} entry ids, <ms>-<seq>`,
            },
          ]);
        }
        const sent = await requeueDeadLetters(client, keys, ids);
        return json({ requeued: ids.filter((_id, i) => sent[i]), missing: ids.filter((_id, i) => !sent[i]) });
      },
    },
    {
      method: 'delete',
      path: '/dead-letters/:id',
      tag: 'dead letters',
      summary: 'Deletes a dead letter for good',
      answers: {
        200: { description: 'It is gone', schema: object({ id: STRING, status: STRING }) },
        404: { description: 'There is no such dead letter' },
      },
      async handle({ params }) {
        const id = params['id'] ?? '';
        if (!ENTRY_ID.test(id) || !(await deleteDeadLetter(client, keys, id)))
          throw new Problem(404, `There is no dead letter ${id}.`);
        return json({ id, status: 'deleted' });
      },
    },
  ];
}

function flatRecord(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('The request', [
      {
        field: 'frame',
        value: JSON.stringify(value) ?? 'nothing',
        expected: 'an object: the flat record of a frame',
      },
    ]);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      typeof field === 'string' ? field : JSON.stringify(field),
    ]),
  );
}
