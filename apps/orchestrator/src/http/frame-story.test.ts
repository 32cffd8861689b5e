import type { FoundEntry } from '@frame-buffer/stream-consumer';
import { frameStory } from './frame-story.ts';

const entry = (overrides: Partial<FoundEntry>): FoundEntry => ({
  where: 'input',
  stream: 'frames:metadata',
  entryId: '1000-0',
  state: 'settled',
  holder: undefined,
  fields: {},
  ...overrides,
});
const DECISION = {
  frameId: 'f1',
  asked: { capability: 'detect', cameraId: 'c1' },
  processorId: 'p1',
  reason: 'least_loaded',
  load: 2,
  attempt: 1,
  moment: 7,
  atMs: 1_200,
  waitedMs: 150,
};

it('tells a frame that went well, in time and with the reason', () => {
  const events = frameStory(
    [
      entry({ fields: { camera_id: 'c1', timestamp: '1970-01-01T00:00:00.900Z' } }),
      entry({
        where: 'results',
        entryId: '2000-0',
        fields: { processor_id: 'p1', capability: 'detect', attempt: '1', processing_time: '0.25' },
      }),
    ],
    [DECISION],
  );
  expect(events.map(({ kind, sentence }) => `${kind}: ${sentence}`)).toEqual([
    'published: published by camera c1, 100 ms after it was captured',
    'handed_off: handed to p1 for detect: it had the lowest load (least_loaded); it had 2 outstanding; waited 150 ms here',
    'result: result of detect published by p1 after 250 ms of processing (attempt 1)',
  ]);
});

it('tells failed attempts once, whoever repeats them', () => {
  const errors = JSON.stringify([
    { processor_id: 'p1', attempt: 1, error: 'no memory', at: '1970-01-01T00:00:01.500Z' },
  ]);
  const events = frameStory(
    [
      entry({
        where: 'retry',
        stream: 'frames:retry',
        entryId: '1600-0',
        fields: { errors, failed_by: 'p1', attempt: '2', capability: 'detect' },
      }),
      entry({
        where: 'dead_letter',
        stream: 'frames:dead-letter',
        entryId: '3000-0',
        fields: {
          errors,
          capability: 'detect',
          dead_letter_reason: 'attempts_used_up',
          dead_letter_detail: '3 attempts failed',
        },
      }),
    ],
    [],
  );
  expect(events.map(({ sentence }) => sentence)).toEqual([
    'attempt 1 failed at p1: no memory',
    'given back by p1, to be handed off again (attempt 2)',
    'dead letter: attempts_used_up: 3 attempts failed',
  ]);
});

it('says of a frame in a queue whose decision is known elsewhere who knows', () => {
  const queued = entry({
    where: 'queue',
    stream: 'frames:ready:p1',
    fields: { dispatched_by: 'orchestrator-2', capability: 'detect', attempt: '1' },
  });
  expect(frameStory([queued], [])).toMatchObject([
    { kind: 'handed_off', sentence: expect.stringContaining('handed to p1 by orchestrator-2') },
  ]);
  expect(frameStory([queued], [DECISION])).toHaveLength(1);
});

it('is not put off by errors that somebody else wrote', () => {
  expect(frameStory([entry({ where: 'retry', fields: { errors: '{broken' } })], [])).toHaveLength(1);
});

it('takes the time of capture from the result where the input was trimmed', () => {
  const fields = {
    camera_id: 'c1',
    captured_at: '1970-01-01T00:00:00.900Z',
    timestamp: '1970-01-01T00:00:02.000Z',
  };
  const events = frameStory([entry({ where: 'results', entryId: '2000-0', fields })], []);
  expect(events.map(({ kind, at }) => [kind, at])).toEqual([
    ['captured', '1970-01-01T00:00:00.900Z'],
    ['result', '1970-01-01T00:00:02.000Z'],
  ]);
});

it('tells of an entry whose id is later than any date can be', () => {
  const [event] = frameStory([entry({ entryId: '18446744073709551615-18446744073709551615' })], []);
  expect(event?.at).toBe('+275760-09-13T00:00:00.000Z');
});

it('tells a hand-off before its end, also where its orchestrator noted it later', () => {
  const errors = JSON.stringify([
    { processor_id: 'p1', attempt: 1, error: 'no memory', at: '1970-01-01T00:00:01.100Z' },
  ]);
  const events = frameStory(
    [entry({ where: 'results', entryId: '1300-0', fields: { errors, processor_id: 'p1', attempt: '2' } })],
    [DECISION, { ...DECISION, attempt: 2, atMs: 1_301 }],
  );
  expect(events.map(({ kind, at }) => [kind, Date.parse(at)])).toEqual([
    ['handed_off', 1_100],
    ['attempt_failed', 1_100],
    ['handed_off', 1_300],
    ['result', 1_300],
  ]);
});
