import assert from 'node:assert/strict';
import { completeFrames, giveBack } from '../../completion.ts';
import { deleteDeadLetter, requeueDeadLetters } from '../../dead-letters.ts';
import { recordOf } from '../../entry.ts';
import { loadScript } from '../../script.ts';
import { createWorkQueue, failureForScript, reclaimQueue } from '../../work-queue.ts';
import { AT, type Taken } from '../scene.ts';
import type { LedgerModel, ModelFrame, ModelProcessor } from './model.ts';
import { assertAttempt } from './orchestrator-moves.ts';
import { keyOfRecord, type LedgerWorld, PROCESSOR_GROUP } from './world.ts';

/** A publisher adds frames. */
export async function publish(
  model: LedgerModel,
  world: LedgerWorld,
  move: { wanted: readonly (readonly string[])[] },
): Promise<void> {
  for (const wanted of move.wanted) {
    const name = `f${model.named++}`;
    // prettier-ignore
    const id = await world.redis.xadd(world.keys.input, '*', 'frame_id', name, 'camera_id', 'c', 'wanted', wanted.join('+'));
    model.capture(name, id as string, wanted);
  }
}

/** A publisher trims the input without looking whether it was read. */
export async function trimAsPublisher(
  model: LedgerModel,
  world: LedgerWorld,
  move: { keep: number },
): Promise<void> {
  await world.redis.xtrim(world.keys.input, 'MAXLEN', move.keep);
  const left = new Set((await world.redis.xrange(world.keys.input, '-', '+')).map(([id]) => id));
  for (const frame of model.at('input')) {
    const { place } = frame;
    if (place.at !== 'input' || left.has(place.id as string)) continue;
    world.saw(`input: trimmed ${place.holder === undefined ? 'unread' : 'read'} by a publisher`);
    frame.place = place.holder === undefined ? { at: 'lost' } : { ...place, trimmed: true };
  }
}

export async function register(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number },
): Promise<void> {
  const processor = pick(model, move.processor);
  const target = world.target(processor);
  await createWorkQueue(world.redis, target);
  await world.redis.hset(world.keys.registry, processor.id, JSON.stringify({ queue: target.queue }));
  processor.registered = processor.queueExists = true;
}

/** A processor died or left: it is not in the registry any more; its queue is still to be taken back. */
export async function unregister(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number },
): Promise<void> {
  const processor = pick(model, move.processor);
  await world.redis.hdel(world.keys.registry, processor.id);
  processor.registered = false;
}

/** Takes a queue back; `limit`: and dies after one step of it. */
export async function reclaim(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number; isFailure: boolean; limit: number | undefined },
): Promise<void> {
  const processor = pick(model, move.processor);
  const target = world.target(processor);
  const { redis, keys } = world;
  const failure = move.isFailure ? { processorId: processor.id, error: 'it died', at: AT } : undefined;
  const entries = await redis.xrange(target.queue, '-', '+', 'COUNT', move.limit ?? 10_000);
  const gone = new Set(entries.map(([id]) => id));
  const inIt = model.inQueue(target.queue);
  const stepped = [...idsByKey(entries)];
  // From the moment that a registration names it, it belongs to somebody.
  const frames = processor.registered
    ? []
    : stepped.flatMap(([key, id]) => inIt.filter((frame) => frame.key === key && isAt(frame, id)));

  if (move.limit === undefined) {
    const [moved, again] = await world.twice(() => reclaimQueue(redis, keys, target, failure));
    assert.deepEqual([moved, again], [frames.length, 0], 'frames that were taken back');
  } else {
    const request = {
      group: PROCESSOR_GROUP,
      completion: target.completion,
      limit: move.limit,
      ...(failure ? { failure: failureForScript(failure) } : {}),
    };
    // Sent twice it takes the next step, so the second sending is no repetition.
    const reply = await loadScript('reclaim').run(
      redis,
      [keys.ledger, target.queue, keys.retry, keys.registry],
      request,
    );
    assert.equal((reply as [number])[0], frames.length, 'frames that one step took back');
  }
  for (const frame of frames) {
    const { place } = frame;
    world.saw(`taken back: ${place.at === 'queue' && place.id !== undefined ? 'pending' : 'unread'}`);
    if (move.isFailure && place.at === 'queue' && place.id !== undefined) frame.attempt++;
    frame.place = { at: 'retry' };
  }
  if ((await redis.xlen(target.queue)) === 0 && !processor.registered && processor.queueExists) {
    assert.equal(await redis.exists(target.queue), 0, `${target.queue} is empty and belongs to nobody`);
    processor.queueExists = false;
    world.saw('taken back: queue deleted');
    await world.passMillisecond();
  }
  if (processor.registered) world.saw('taken back: refused, somebody has it');
  else for (const id of gone) assert.equal((await redis.xrange(target.queue, id, id)).length, 0);
}

/** A processor dies, and its whole queue is taken back at once. */
export async function die(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number; isFailure: boolean },
): Promise<void> {
  await unregister(model, world, move);
  await reclaim(model, world, { ...move, limit: undefined });
}

function idsByKey(entries: readonly [string, string[]][]): Map<string, string> {
  return new Map(entries.map(([id, flat]) => [keyOfRecord(recordOf(flat)), id]));
}

/** Whether it is that very entry: an unread one has no id yet, and a frame is in a queue once. */
const isAt = ({ place }: ModelFrame, id: string): boolean =>
  place.at === 'queue' && (place.id === undefined || place.id === id);

/** A processor reads its queue, also one that isn't its own any more; where the answer is lost it never sees the frames. */
export async function take(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number; count: number; isLost: boolean },
): Promise<void> {
  const { id: processorId } = pick(model, move.processor);
  const queue = world.keys.ready(processorId);
  const unread = model.inQueue(queue).filter(({ place }) => place.at === 'queue' && place.id === undefined);
  const replies = await world.read(queue, PROCESSOR_GROUP, processorId, move.count);
  assert.equal(replies.length, Math.min(move.count, unread.length), 'frames that were taken');
  const hands = world.inHandsOf(processorId);
  for (const [id, flat] of replies) {
    const fields = recordOf(flat ?? []);
    const frame = model.get(keyOfRecord(fields));
    assert(unread.includes(frame), `${frame.key} was delivered, but was not waiting in ${queue}`);
    assertAttempt(frame, fields);
    world.saw(`queue: ${move.isLost ? 'read unseen' : 'read'}`);
    frame.place = { at: 'queue', queue, id };
    if (!move.isLost) hands.push({ id, fields });
  }
  world.hands.set(processorId, hands);
}

/** A processor finishes frames that it has, or had. `forgets`: whether it takes them off its list, or comes again as a zombie. */
export async function complete(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number; picks: readonly number[]; forgets: boolean },
): Promise<void> {
  const processor = pick(model, move.processor);
  const hands = world.inHandsOf(processor.id);
  if (hands.length === 0) return;
  const target = world.target(processor);
  const done = move.picks.map((number) => hands[number % hands.length] as Taken);
  const frames = done.map(({ id, fields }) => ({
    entryId: id,
    result: {
      frame_id: fields['frame_id'] as string,
      capability: fields['capability'] as string,
      processor_id: processor.id,
      entry: id,
    },
  }));
  const finishing = {
    keys: world.keys,
    queue: target,
    processorId: processor.id,
    results: world.keys.results,
    capacity: target.capacity,
  };
  const [answers, again] = await world.twice(() => completeFrames(world.redis, frames, finishing));
  done.forEach(({ id, fields }, i) => {
    const key = keyOfRecord(fields);
    const isOurs = model.isOutstanding(target.queue, id, key);
    if (isOurs) {
      model.get(key).place = { at: 'completed' };
      model.published.add(`${target.queue} ${id}`);
      model.results++;
    }
    const isPublished = model.published.has(`${target.queue} ${id}`);
    world.saw(
      `completion by ${processor.id}: ${isOurs ? 'published' : isPublished ? 'published before' : 'refused'}`,
    );
    if (!isPublished) model.fenced += 2;
    assert.equal(answers[i], isPublished, `whether the result of ${key} was published`);
    assert.equal(again[i], isPublished, `the same, asked again`);
  });
  if (move.forgets)
    world.hands.set(
      processor.id,
      hands.filter((taken) => !done.includes(taken)),
    );
}

/** A processor gives a frame back that it has, or had: failed, or as it came. */
export async function returnFrame(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number; pick: number; how: 'failed' | 'terminal' | 'as it came'; forgets: boolean },
): Promise<void> {
  const processor = pick(model, move.processor);
  const hands = world.inHandsOf(processor.id);
  if (hands.length === 0) return;
  const target = world.target(processor);
  const taken = hands[move.pick % hands.length] as Taken;
  const key = keyOfRecord(taken.fields);
  const isFailure = move.how !== 'as it came';
  const failure = isFailure
    ? { processorId: processor.id, error: 'it threw', at: AT, terminal: move.how === 'terminal' }
    : undefined;
  const options = { keys: world.keys, queue: target, processorId: processor.id };
  const [wasOurs, again] = await world.twice(() => giveBack(world.redis, taken.id, failure, options));
  assert.equal(wasOurs, model.isOutstanding(target.queue, taken.id, key), `whether ${key} was given back`);
  assert.equal(again, false, `${key} was given back twice`);
  world.saw(`giving back: ${wasOurs ? move.how : 'refused'}`);
  if (wasOurs) {
    const frame = model.get(key);
    frame.place = { at: 'retry' };
    if (isFailure) frame.attempt++;
  }
  if (move.forgets)
    world.hands.set(
      processor.id,
      hands.filter((other) => other !== taken),
    );
}

/** A client of the older protocol finishes a frame: it acknowledges, and its result is its own affair. */
export async function acknowledge(
  model: LedgerModel,
  world: LedgerWorld,
  move: { processor: number; pick: number },
): Promise<void> {
  const processor = pick(model, move.processor);
  const hands = world.inHandsOf(processor.id);
  if (hands.length === 0 || processor.completion !== 'acknowledge') return;
  const { queue } = world.target(processor);
  const taken = hands[move.pick % hands.length] as Taken;
  const key = keyOfRecord(taken.fields);
  const [count] = await world.twice(() => world.redis.xack(queue, PROCESSOR_GROUP, taken.id));
  assert.equal(count === 1, model.isOutstanding(queue, taken.id, key), `whether ${key} was acknowledged`);
  world.saw(`acknowledged: ${count === 1 ? 'finished' : 'too late'}`);
  if (count === 1) model.get(key).place = { at: 'completed' };
  world.hands.set(
    processor.id,
    hands.filter((other) => other !== taken),
  );
}

/** Sends dead letters again. */
export async function requeue(
  model: LedgerModel,
  world: LedgerWorld,
  move: { picks: readonly number[] },
): Promise<void> {
  const letters = await world.redis.xrange(world.keys.deadLetter, '-', '+');
  if (letters.length === 0) return;
  const chosen = [...new Set(move.picks.map((number) => letters[number % letters.length]!))];
  const ids = chosen.map(([id]) => id);
  const [answers, again] = await world.twice(() => requeueDeadLetters(world.redis, world.keys, ids));
  assert(!answers.includes(false), 'a dead letter that is there could not be sent again');
  assert(!again.includes(true), 'a dead letter was sent again twice');
  for (const [, flat] of chosen) {
    const frame = model.get(keyOfRecord(recordOf(flat)));
    assert.equal(frame.place.at, 'dead letter', `${frame.key} was in the dead letter`);
    frame.place = { at: 'retry' };
    frame.attempt = 1;
    world.saw('dead letter: sent again');
  }
}

/** Somebody deletes a dead letter for good. */
export async function discard(model: LedgerModel, world: LedgerWorld, move: { pick: number }): Promise<void> {
  const letters = await world.redis.xrange(world.keys.deadLetter, '-', '+');
  if (letters.length === 0) return;
  const [id] = letters[move.pick % letters.length] as [string, string[]];
  const [wasThere, again] = await world.twice(() => deleteDeadLetter(world.redis, world.keys, id));
  assert.deepEqual([wasThere, again], [true, false]);
  model.deletedLetters++;
  world.saw('dead letter: deleted');
}

const pick = (model: LedgerModel, number: number): ModelProcessor =>
  model.processors[number % model.processors.length] as ModelProcessor;
