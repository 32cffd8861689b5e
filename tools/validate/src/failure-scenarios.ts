import { completeFrames, type EntryReply, recordOf } from '@frame-buffer/stream-consumer';
import { randomUUID } from 'node:crypto';
import type { Context } from './context.ts';
import { findDeadLetter } from './dead-letter.ts';
import { detailOf } from './orchestrator.ts';

const HELD = 5;
/** The shortest silence that is worth calling a death. */
const VICTIM_LEASE_MS = 1_000;
const READ_MS = 5_000;
/** The lease, the orchestrator's look at it, and another's work. */
const RESCUED_WITHIN_MS = 20_000;
const DEAD_LETTER_WITHIN_MS = 10_000;

/** Task 5, as far as it is safe on a running deployment: only what belongs to the probe fails. */
export async function checkFailures(context: Context): Promise<void> {
  await processorDies(context);
  await functionFails(context);
  await recordIsBad(context);
}

/** A processor takes frames, falls silent, and its lease ends: another one gets them, and its own late results are refused. */
async function processorDies(context: Context): Promise<void> {
  const { probe, results, note, signal, redis, keys, orchestrator } = context;
  const task = 'death';
  const victim = probe.processorId('victim');
  const registered = await orchestrator.call('POST', '/processors/register', {
    id: victim,
    instance_id: randomUUID(),
    capabilities: [probe.capability(task)],
    cameras: [probe.cameraId],
    capacity: HELD,
    completion: 'delete',
    lease_ms: VICTIM_LEASE_MS,
    results: probe.results,
  });
  if (registered.status !== 201) {
    note('a processor dies', false, `it could not register: ${detailOf(registered)}`);
    return;
  }
  const { queue, group } = registered.body as { queue: string; group: string };
  const ids = await context.publish(task, HELD);
  const held = await readHeld(redis.duplicate(), { queue, group, consumer: victim });
  const rescuer = await context.startProcessor('rescuer', task, () => ({ rescued: true }));
  const missing = await results.missing(ids, RESCUED_WITHIN_MS, signal);
  note(
    'a dead processor’s frames go to another',
    held.length === HELD && missing.length === 0,
    `${HELD - missing.length} of the ${held.length} that it held have results`,
  );
  const late = await completeFrames(
    redis,
    held.map(([entryId, flat]) => ({
      entryId,
      result: { frame_id: recordOf(flat ?? [])['frame_id'] ?? '' },
    })),
    { keys, queue: { queue, group }, processorId: victim, results: probe.results, capacity: HELD },
  );
  const published = late.filter(Boolean).length;
  note(
    'its late results are refused',
    published === 0,
    `${late.length - published} of ${late.length} refused`,
  );
  await rescuer.stop();
}

async function readHeld(
  reader: Context['redis'],
  { queue, group, consumer }: { queue: string; group: string; consumer: string },
): Promise<EntryReply[]> {
  const held: EntryReply[] = [];
  const deadline = performance.now() + READ_MS;
  while (held.length < HELD && performance.now() < deadline) {
    const reply = (await reader.xreadgroup(
      'GROUP',
      group,
      consumer,
      'COUNT',
      HELD,
      'BLOCK',
      200,
      'STREAMS',
      queue,
      '>',
    )) as [string, EntryReply[]][] | null;
    for (const [, entries] of reply ?? []) held.push(...entries);
  }
  reader.disconnect();
  return held;
}

/** A function throws once: the frame is tried again. */
async function functionFails(context: Context): Promise<void> {
  const { results, note, signal } = context;
  const processor = await context.startProcessor('failing', 'failure', ({ attempt }) => {
    if (attempt === 1) throw new Error('failed on purpose by the validation');
    return { attempts: attempt };
  });
  const ids = await context.publish('failure', 1);
  const missing = await results.missing(ids, RESCUED_WITHIN_MS, signal);
  const attempt = results.of(ids[0] ?? '')[0]?.fields['attempt'];
  note(
    'what fails is tried again',
    missing.length === 0 && attempt === '2',
    missing.length === 0 ? `done at attempt ${attempt}` : 'no result',
  );
  await processor.stop();
}

/** A record that can't be read becomes a dead letter, and is deleted again. */
async function recordIsBad({ probe, note, signal, redis, keys, orchestrator }: Context): Promise<void> {
  const bad = probe.record('bad', 0, { timestamp: 'the day before yesterday' });
  await redis.xadd(keys.input, '*', ...Object.entries(bad).flat());
  const letter = await findDeadLetter(orchestrator, bad['frame_id'] ?? '', DEAD_LETTER_WITHIN_MS, signal);
  const detail = letter?.fields['dead_letter_detail'] ?? 'it did not';
  note('a bad record becomes a dead letter', detail.includes('timestamp'), detail);
  if (!letter) return;
  const deleted = await orchestrator.call('DELETE', `/dead-letters/${letter.id}`);
  note(
    'a dead letter can be deleted',
    deleted.status === 200,
    detailOf(deleted).replace('HTTP 200', 'it is gone'),
  );
}
