import assert from 'node:assert/strict';
import { adoptPending } from '../../adopt.ts';
import { openBooks } from '../../books.ts';
import { recordOf, type Source, type SourceEntry } from '../../entry.ts';
import { handOff, type HandOffItem, type HandOffOutcome } from '../../hand-off.ts';
import { loadScript } from '../../script.ts';
import { deadLetter, shed } from '../../settle.ts';
import { trimAcknowledged, trimInput, trimResults } from '../../trim.ts';
import { AT, GROUP } from '../scene.ts';
import type { LedgerModel, ModelFrame, ModelProcessor, Place } from './model.ts';
import { keyOfRecord, type LedgerWorld, OTHER_GROUP } from './world.ts';

/** Reads new entries. Where the answer is lost, they are pending for a consumer that has never seen them. */
export async function read(
  model: LedgerModel,
  world: LedgerWorld,
  move: { orchestrator: string; source: Source; count: number; isLost: boolean },
): Promise<void> {
  const { orchestrator, source, count, isLost } = move;
  const unread = model.at(source).filter(({ place }) => isIn(place, source) && place.holder === undefined);
  const replies = await world.read(world.stream(source), GROUP, orchestrator, count);
  assert.equal(replies.length, Math.min(count, unread.length), 'entries that were read');
  for (const [id, flat] of replies) {
    const entry = { source, id, fields: recordOf(flat ?? []) };
    const frame = model.get(keyOfRecord(entry.fields));
    assert(unread.includes(frame), `${frame.key} was delivered, but was not waiting there`);
    assertAttempt(frame, entry.fields);
    frame.place = { at: source, id, holder: orchestrator };
    world.saw(isLost ? `${source}: read unseen` : `${source}: read`);
    if (!isLost) world.heldBy(orchestrator).push(entry);
  }
}

export function assertAttempt(frame: ModelFrame, fields: Readonly<Record<string, string>>): void {
  assert.equal(Number(fields['attempt'] ?? '1'), frame.attempt, `attempt of ${frame.key}`);
  const errors: unknown[] = JSON.parse(fields['errors'] ?? '[]');
  assert.equal(errors.length, frame.attempt - 1, `errors of ${frame.key}`);
}

/** Hands a batch off; some of it may be somebody else's by now, and one frame may be in it twice. */
export async function handOffBatch(
  model: LedgerModel,
  world: LedgerWorld,
  move: { orchestrator: string; frames: readonly { pick: number; targets: readonly number[] }[] },
): Promise<void> {
  const held = world.heldBy(move.orchestrator);
  if (held.length === 0) return;
  const targets = model.processors.map((processor) => world.target(processor));
  const chosen = move.frames.map(({ pick, targets: picks }) => {
    const entry = held[pick % held.length] as SourceEntry;
    const { capability, wanted } = entry.fields as { capability?: string; wanted?: string };
    const wants = capability === undefined ? (wanted ?? '').split('+') : [capability];
    const processors = wants.map((_, i) => (picks[i] ?? 0) % targets.length);
    return { entry, wants, processors };
  });
  const items: HandOffItem[] = chosen.map(({ entry, wants, processors }) => ({
    entry,
    copies: wants.map((capability, i) => ({
      target: targets[processors[i] as number]!,
      fields: { capability, attempt: entry.fields['attempt'] ?? '1' },
    })),
  }));
  const [reply, again] = await world.twice(() =>
    handOff(world.redis, items, { ...world.options, common: { dispatched_by: move.orchestrator } }),
  );
  chosen.forEach(({ entry, processors }, i) => {
    const outcome = reply.outcomes[i] as HandOffOutcome;
    world.saw(
      `hand-off: ${outcome}${outcome === 'handed_off' && processors.length > 1 ? ' for two capabilities' : ''}`,
    );
    const into = processors.map((number) => model.processors[number] as ModelProcessor);
    const possible = outcomesPossible(model, world, entry, into);
    const seen = `${keyOfRecord(entry.fields)} to ${into.map(({ id }) => id).join()}: ${outcome}`;
    assert(possible.includes(outcome), `${seen}, not ${possible.join(' or ')}`);
    assert.notEqual(again.outcomes[i], 'handed_off', `${seen}, and again`);
    if (outcome === 'handed_off') {
      const queues = into.map(({ id }) => world.keys.ready(id));
      model.split(model.get(keyOfRecord(entry.fields)), queues);
    }
    if (outcome === 'handed_off' || outcome === 'gone') release(world, move.orchestrator, entry);
  });
  for (const [target, outstanding] of reply.outstanding) {
    const processor = model.processors.find(({ id }) => id === target.processorId) as ModelProcessor;
    const isThere = processor.registered && processor.queueExists;
    const expected = isThere ? model.inQueue(target.queue).length : undefined;
    assert.equal(outstanding, expected, `outstanding in ${target.queue}, as the hand-off counted`);
  }
}

function outcomesPossible(
  model: LedgerModel,
  world: LedgerWorld,
  entry: SourceEntry,
  into: readonly ModelProcessor[],
): HandOffOutcome[] {
  const refusals = new Set<HandOffOutcome>();
  into.forEach((processor, i) => {
    const sameBefore = into.slice(0, i).filter((other) => other === processor).length;
    const outstanding = model.inQueue(world.keys.ready(processor.id)).length;
    if (!processor.registered || !processor.queueExists) refusals.add('departed');
    else if (outstanding + sameBefore >= processor.capacity) refusals.add('no_credit');
  });
  if (!model.isPending(entry.source, entry.id, keyOfRecord(entry.fields))) return ['gone', ...refusals];
  return refusals.size > 0 ? [...refusals] : ['handed_off'];
}

function release(world: LedgerWorld, orchestrator: string, entry: SourceEntry): void {
  const held = world.heldBy(orchestrator);
  world.held.set(
    orchestrator,
    held.filter((other) => other.source !== entry.source || other.id !== entry.id),
  );
}

/** Ends frames at the orchestrator. */
export async function settle(
  model: LedgerModel,
  world: LedgerWorld,
  move: { orchestrator: string; picks: readonly number[]; how: 'dead letter' | 'shed' },
): Promise<void> {
  const held = world.heldBy(move.orchestrator);
  if (held.length === 0) return;
  const entries = move.picks.map((pick) => held[pick % held.length] as SourceEntry);
  const options = { ...world.options, at: AT };
  const [answers, again] = await world.twice(() =>
    move.how === 'shed'
      ? shed(
          world.redis,
          entries.map((entry) => ({ entry, reason: 'policy', detail: 'd' })),
          options,
        )
      : deadLetter(
          world.redis,
          entries.map((entry) => ({ entry, reason: 'bad_record', detail: 'd' })),
          options,
        ),
  );
  assert(!again.includes(true), 'what was settled was settled again');
  entries.forEach((entry, i) => {
    const key = keyOfRecord(entry.fields);
    assert.equal(answers[i], model.isPending(entry.source, entry.id, key), `whether ${key} was settled`);
    world.saw(`${move.how}: ${answers[i] ? 'settled' : 'refused'}`);
    if (answers[i]) model.get(key).place = { at: move.how };
    release(world, move.orchestrator, entry);
  });
}

/** Takes over what a consumer holds (or what one has pending itself and never saw); `limit`: and dies after one page of it. */
export async function adopt(
  model: LedgerModel,
  world: LedgerWorld,
  move: { from: string; heir: string; source: Source; limit: number | undefined },
): Promise<void> {
  const { from, heir, source, limit } = move;
  const options = { ...world.options, consumer: from, heir };
  const run = async (): Promise<SourceEntry[]> => {
    const adopted: SourceEntry[] = [];
    if (limit === undefined) {
      for await (const { entries } of adoptPending(world.redis, source, options)) adopted.push(...entries);
      return adopted;
    }
    const counter = source === 'input' ? 'lost_pending' : 'lost_in_queues';
    const reply = await loadScript('adopt').run(world.redis, [world.keys.ledger, world.stream(source)], {
      group: GROUP,
      consumer: from,
      heir,
      after: '0-0',
      limit,
      counter,
      acknowledged: source === 'input',
    });
    const [entries] = reply as [[string, string[]][]];
    return entries.map(([id, flat]) => ({ source, id, fields: recordOf(flat) }));
  };
  const pending = model
    .at(source)
    .filter(({ place }) => isIn(place, source) && place.holder === from)
    .toSorted((a, b) => compareIds(idOf(a), idOf(b)))
    .slice(0, limit);
  // A page that begins where the last one was adopted goes on; only the whole may be done twice.
  const adopted = limit === undefined ? (await world.twice(run))[0] : await run();
  const alive = pending.filter(({ place }) => !(isIn(place, source) && place.trimmed));
  assert.deepEqual(
    adopted.map(({ fields }) => keyOfRecord(fields)),
    alive.map(({ key }) => key),
  );
  for (const frame of pending) {
    const { id } = frame.place as { id: string };
    world.saw(
      `${source}: ${alive.includes(frame) ? 'adopted' : 'lost'} ${from === heir ? 'by its own' : 'by another'}`,
    );
    frame.place = alive.includes(frame) ? { at: source, id, holder: heir } : { at: 'lost' };
  }
  const held = world.heldBy(heir);
  held.push(...adopted.filter((entry) => !held.some((own) => own.source === source && own.id === entry.id)));
}

const isIn = (place: Place, source: Source): place is Extract<Place, { holder?: string }> =>
  place.at === source;

const idOf = ({ place }: ModelFrame): string => ('id' in place && place.id) || '';

function compareIds(a: string, b: string): number {
  const [[ms = 0, seq = 0], [otherMs = 0, otherSeq = 0]] = [
    a.split('-').map(Number),
    b.split('-').map(Number),
  ];
  return ms - otherMs || seq - otherSeq;
}

/** The janitor's trimming of all streams. */
export async function trim(model: LedgerModel, world: LedgerWorld): Promise<void> {
  const unreadElsewhere = await world.unreadElsewhere();
  await world.twice(async () => {
    if ((await trimInput(world.redis, world.keys)) > 0) world.saw('trim: input');
    await trimResults(world.redis, world.keys, world.keys.results);
    for (const { id, completion } of model.processors)
      if (completion === 'acknowledge')
        if ((await trimAcknowledged(world.redis, world.keys, world.keys.ready(id))) > 0)
          world.saw('trim: queue');
  });
  await world.assertKept(model);
  assert.deepEqual(await world.unreadElsewhere(), unreadElsewhere, 'what another group has not read');
}

/** Another service reads the input as well, in a group of its own, at its own pace. */
export async function readElsewhere(
  _model: LedgerModel,
  world: LedgerWorld,
  move: { count: number },
): Promise<void> {
  const { redis, keys } = world;
  await redis
    .xgroup('CREATE', keys.input, OTHER_GROUP, '0')
    .catch((error: Error) => assert.match(error.message, /^BUSYGROUP/));
  await redis.xreadgroup('GROUP', OTHER_GROUP, 'c', 'COUNT', move.count, 'NOACK', 'STREAMS', keys.input, '>');
}

/** Somebody deletes the input; an orchestrator makes it again. What was in it and not handed off is lost, and must be found missing. */
export async function deleteInput(model: LedgerModel, world: LedgerWorld): Promise<void> {
  await world.redis.del(world.keys.input);
  for (const frame of model.at('input')) {
    world.saw('input: deleted with frames in it');
    frame.place = { at: 'lost' };
  }
  await world.passMillisecond();
  await world.twice(() => openBooks(world.redis, world.options, AT));
}

/** FLUSHALL, and a server that has forgotten the scripts; programs remember what they held. */
export async function flush(model: LedgerModel, world: LedgerWorld): Promise<void> {
  await world.redis.flushall();
  await world.redis.script('FLUSH');
  model.forget();
  await world.passMillisecond();
  await world.twice(() => openBooks(world.redis, world.options, AT));
}
