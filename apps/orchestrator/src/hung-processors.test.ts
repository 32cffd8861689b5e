import type { Failing } from '@frame-buffer/registry';
import type { QueueActivity } from '@frame-buffer/stream-consumer';
import type { Member } from './fleet.ts';
import { createHungProcessors } from './hung-processors.ts';
import { registrationRecord } from './test-support/registration.ts';

const PATIENCE_MS = 45_000;
const STUCK: QueueActivity = { pending: 1, lastDelivered: '5-0', unread: true, idleMs: undefined };

let nowMs: number;
let members: Member[];
let failing: Failing | undefined;
let activity: QueueActivity | undefined | Error;

const run = () => ({ registration: registrationRecord('p1').registration, target: {} }) as Member;

function watch() {
  nowMs = 1_000_000;
  members = [run()];
  failing = { reason: 'it answered 500', forMs: 3_600_000 };
  activity = STUCK;
  const hung = createHungProcessors({
    fleet: { members: () => members },
    monitor: { failing: () => failing },
    activityOf: async () => {
      if (activity instanceof Error) throw activity;
      return activity;
    },
    patienceMs: PATIENCE_MS,
    clock: () => nowMs,
  });
  return {
    find: hung.find,
    /** Looks every half second of that time. @returns how many it found in the end */
    async pass(ms: number): Promise<number> {
      let found = (await hung.find()).length;
      for (const endMs = nowMs + ms; nowMs < endMs;) {
        nowMs += 500;
        found = (await hung.find()).length;
      }
      return found;
    },
  };
}

describe('a processor whose probes fail counts as hung', () => {
  it('when it has done nothing with its frames for the patience, and not before', async () => {
    const { pass, find } = watch();
    expect(await pass(PATIENCE_MS - 500)).toBe(0);
    expect(await pass(500)).toBe(1);
    expect(await find()).toMatchObject([
      { member: members[0], probes: { reason: 'it answered 500' }, idleMs: PATIENCE_MS },
    ]);
  });

  it.each<[string, QueueActivity]>([
    ['it finishes a frame', { ...STUCK, pending: 0 }],
    ['it reads a frame', { ...STUCK, lastDelivered: '6-0', pending: 2 }],
    ['it finishes one and reads the next', { ...STUCK, lastDelivered: '6-0' }],
    ['it asks for frames', { ...STUCK, idleMs: 0 }],
    ['its queue is empty', { ...STUCK, pending: 0, unread: false }],
  ])('a whole patience after %s', async (_name, sign) => {
    const { pass, find } = watch();
    await pass(PATIENCE_MS - 500);
    activity = sign;
    await find();
    activity = { ...sign, pending: 1, idleMs: undefined };
    expect(await pass(PATIENCE_MS - 500)).toBe(0);
    expect(await pass(500)).toBe(1);
  });

  it('also while frames come to its queue', async () => {
    const { pass } = watch();
    activity = { ...STUCK, unread: false };
    await pass(PATIENCE_MS - 500);
    activity = STUCK;
    expect(await pass(500)).toBe(1);
  });

  it('not while its probes have failed for less', async () => {
    const { pass } = watch();
    await pass(PATIENCE_MS - 500);
    failing = { reason: 'it answered 500', forMs: PATIENCE_MS - 1 };
    expect(await pass(PATIENCE_MS)).toBe(0);
  });

  it('a whole patience after a probe went well', async () => {
    const { pass, find } = watch();
    await pass(PATIENCE_MS - 500);
    const before = failing;
    failing = undefined;
    expect(await find()).toEqual([]);
    failing = before;
    expect(await pass(PATIENCE_MS - 500)).toBe(0);
  });

  it('a whole patience after another run of it came', async () => {
    const { pass } = watch();
    await pass(PATIENCE_MS - 500);
    members = [run()];
    expect(await pass(PATIENCE_MS - 500)).toBe(0);
    expect(await pass(500)).toBe(1);
  });
});

it('what nobody could see counts for nothing: after Redis was away the patience begins anew', async () => {
  const { pass, find } = watch();
  await pass(PATIENCE_MS - 500);
  activity = new Error('no connection');
  await expect(find()).rejects.toThrow('no connection');
  activity = STUCK;
  expect(await pass(PATIENCE_MS - 500)).toBe(0);
  nowMs += 60_000;
  expect(await find()).toEqual([]);
  expect(await pass(PATIENCE_MS - 500)).toBe(0);
  expect(await pass(500)).toBe(1);
});

it('a queue that is gone belongs to nobody who hangs', async () => {
  const { pass } = watch();
  await pass(PATIENCE_MS - 500);
  activity = undefined;
  expect(await pass(PATIENCE_MS)).toBe(0);
});
