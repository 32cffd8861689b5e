import * as t from 'io-ts';
import { checked, nullable, oneOf } from './described.ts';

const ENTRY_ID = /^\d{1,20}-\d{1,20}$/;
const MAX_PART = 2n ** 64n - 1n;

/** Id of an entry of a stream. */
export const entryId = checked(
  'an entry id, <ms>-<seq>',
  { type: 'string', pattern: ENTRY_ID.source },
  (input): input is string =>
    typeof input === 'string' &&
    ENTRY_ID.test(input) &&
    input.split('-').every((part) => BigInt(part) <= MAX_PART),
);

/** Where a trace of the frame was found. `at`: ISO 8601. */
const storyPlace = t.type({
  at: t.string,
  where: oneOf('input', 'queue', 'retry', 'results', 'dead_letter', 'shed'),
  state: oneOf('unread', 'pending', 'settled'),
  stream: t.string,
  entry_id: entryId,
  holder: nullable(t.string),
  sentence: t.string,
  fields: t.record(t.string, t.string),
});
export type StoryPlace = t.TypeOf<typeof storyPlace>;

/** One thing that happened to a frame. `at`: ISO 8601. */
const storyEvent = t.type({
  at: t.string,
  kind: oneOf(
    'captured',
    'published',
    'handed_off',
    'attempt_failed',
    'given_back',
    'result',
    'dead_letter',
    'shed',
  ),
  sentence: t.string,
});
export type StoryEvent = t.TypeOf<typeof storyEvent>;

/** Who could have got a frame, as it stood when that was decided, and what excluded it; null: it could be chosen. */
const storyCandidate = t.type({
  processor_id: t.string,
  outstanding: t.number,
  capacity: t.number,
  /** What the strategy goes by. */
  score: t.number,
  excluded: nullable(t.string),
});
export type StoryCandidate = t.TypeOf<typeof storyCandidate>;

/** One decision of a frame: `handed_off` and `shed` as it was made, `waits` as it would be made now. `at`: ISO 8601. */
const storyDecision = t.type({
  at: nullable(t.string),
  kind: oneOf('handed_off', 'shed', 'waits'),
  /** null: any processor may take it. */
  capability: nullable(t.string),
  attempt: t.number,
  /** Who got it, or would get it now. */
  processor_id: nullable(t.string),
  /** Read, but without a processor with credit. */
  waited_ms: nullable(t.number),
  /** null: another orchestrator decided. */
  strategy: nullable(t.string),
  sentence: t.string,
  /** The best first, those excluded last. null: no longer known here, and the sentence says why. */
  candidates: nullable(t.array(storyCandidate)),
});
export type StoryDecision = t.TypeOf<typeof storyDecision>;

/** What `GET /frames/:id` of an orchestrator answers: everything that is known of one frame. */
export const frameStory = t.type({
  frame_id: t.string,
  now: t.string,
  /** A stream was too long to be searched whole. */
  partial: t.boolean,
  path: t.array(storyPlace),
  events: t.array(storyEvent),
  explanations: t.array(storyDecision),
});
export type FrameStory = t.TypeOf<typeof frameStory>;
