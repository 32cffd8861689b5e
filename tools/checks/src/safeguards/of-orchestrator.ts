import type { Safeguard } from './safeguard.ts';

const JANITOR = {
  file: 'apps/orchestrator/src/janitor.ts',
  testFile: 'apps/orchestrator/src/recovery.redis.test.ts',
} as const;
const ADOPTS =
  'an orchestrator takes over what a consumer without a lease holds, and leaves alone what one with a lease holds';
const RENEWS = 'an orchestrator renews its lease, so that nobody takes its frames over';
const HUNG_TEST = 'apps/orchestrator/src/hung-processor.redis.test.ts';
const JOURNEY_TEST = 'apps/orchestrator/src/journey.redis.test.ts';
const DEATH = {
  testFile: 'packages/registry/src/death.redis.test.ts',
  stillPasses: 'a death is a lease that has expired, and nothing else',
} as const;
const REGISTRY = {
  testFile: 'packages/registry/src/registry.redis.test.ts',
  stillPasses: 'a registration is complete',
} as const;

/** What orchestrators do for each other, and what they hold; who is alive. */
export const ORCHESTRATOR: readonly Safeguard[] = [
  {
    ...JANITOR,
    name: 'adoption',
    scenario: 'kill-orchestrator',
    prevents: 'frames that stay with a dead orchestrator for ever',
    find: 'if (own ? pending <= journey.held(source) : await hasLease(name)) continue;',
    replace: 'if (!own || pending <= journey.held(source)) continue;',
    noticedBy: ADOPTS,
    stillPasses: RENEWS,
  },
  {
    ...JANITOR,
    name: 'adoption-lease',
    prevents: 'orchestrators that take frames away from each other while they live',
    find: '(await client.exists(keys.orchestrator(consumer))) === 1;',
    replace: '(await client.exists(keys.orchestrator(consumer))) > 1;',
    noticedBy: ADOPTS,
    stillPasses: RENEWS,
  },
  {
    ...JANITOR,
    name: 'adoption-of-own',
    prevents: 'frames that were delivered on a broken connection waiting until their orchestrator dies',
    find: 'if (own ? pending <= journey.held(source) : await hasLease(name)) continue;',
    replace: 'if (own || (await hasLease(name))) continue;',
    noticedBy: 'an orchestrator finds again what was delivered to it and never arrived',
    stillPasses: ADOPTS,
  },
  {
    ...JANITOR,
    name: 'orphaned-queues',
    prevents: 'frames in the queue of a dead processor, whose undertaker died as well',
    find: 'if (owned.has(queue.queue) || queue.outstanding === undefined) continue;',
    replace: 'if (queue.queue) continue;',
    noticedBy:
      'an orchestrator empties a queue whose processor was removed by somebody who died before taking it back',
    stillPasses: RENEWS,
  },
  {
    ...JANITOR,
    name: 'orchestrator-lease',
    prevents: 'a living orchestrator being taken for dead',
    file: 'apps/orchestrator/src/lease.ts',
    find: "await take().catch((error: unknown) => logger.warn('the lease could not be renewed', { error }));",
    replace: '',
    noticedBy: RENEWS,
    stillPasses: 'an orchestrator finds again what was delivered to it and never arrived',
  },
  {
    ...JANITOR,
    name: 'held-once',
    prevents: 'a frame that waits twice in one orchestrator',
    file: 'apps/orchestrator/src/frame-journey.ts',
    find: 'if (ours.has(entry.id) || seating.parked.has(entry.source, entry.id)) continue;',
    replace: '',
    noticedBy: 'an orchestrator holds a frame once, also where it finds it again',
    stillPasses: 'an orchestrator finds again what was delivered to it and never arrived',
  },
  {
    name: 'silent-queues',
    prevents: 'frames that stay with a program that hangs and still sends heartbeats',
    file: 'apps/orchestrator/src/janitor.ts',
    find: 'if (!activity?.unread || activity.pending > 0) continue;',
    replace: 'if (activity?.unread !== undefined) continue;',
    testFile: JOURNEY_TEST,
    noticedBy: 'a processor that sends heartbeats but does not read its queue loses its frames to others',
    stillPasses: 'a frame becomes one result',
  },
  {
    name: 'hung-processors',
    prevents: 'frames that stay in the hands of a program that hangs and still sends heartbeats',
    file: 'apps/orchestrator/src/hung-processors.ts',
    find: 'if (Math.min(idleMs, probes.forMs) >= patienceMs) found.push({ member, probes, idleMs });',
    replace: '',
    testFile: HUNG_TEST,
    noticedBy:
      'a processor that hangs and still sends heartbeats and whose health endpoint answers 500 loses its whole queue to others',
    stillPasses:
      'a processor whose health probes fail keeps its queue while it finishes frames, though it is the only one and slow',
  },
  {
    name: 'bounded-waiting-room',
    prevents: 'memory that grows with the backlog',
    file: 'apps/orchestrator/src/frame-journey.ts',
    find: 'room: () => (paused || busy() ? 0 : seating.placesToRead())',
    replace: 'room: () => (paused ? 0 : BATCH)',
    testFile: JOURNEY_TEST,
    noticedBy: 'an orchestrator holds no more frames in memory than it was told to',
    stillPasses: 'a frame becomes one result',
  },
  {
    name: 'streams-made-again',
    prevents: 'a standstill after a failover that lost the groups',
    file: 'apps/orchestrator/src/intake.ts',
    find: "return persist('make the streams again', options.recreate);",
    replace: 'return sleep(PAUSE_AFTER_FAILURE_MS);',
    testFile: JOURNEY_TEST,
    noticedBy: 'an orchestrator goes on after its input was deleted, group and all',
    stillPasses: 'a frame becomes one result',
  },
  {
    ...DEATH,
    name: 'only-dead',
    prevents: 'the burial of a processor that sent a heartbeat at the last moment',
    file: 'packages/registry/src/lua/remove.lua',
    find: "if request.only_dead and redis.call('EXISTS', health) == 1 then return '' end",
    replace: '',
    noticedBy: 'a death of one whose heartbeat comes at the last moment is none',
  },
  {
    ...DEATH,
    name: 'only-that-run',
    prevents: 'the burial of a run that has just taken the place of the dead one',
    file: 'packages/registry/src/lua/remove.lua',
    find: "if request.instance_id and (not holder or holder.instance_id ~= request.instance_id) then return '' end",
    replace: '',
    noticedBy: 'a removal takes out only the run that is meant',
    testFile: 'packages/registry/src/registry.redis.test.ts',
    stillPasses: 'a registration is complete',
  },
  {
    ...DEATH,
    name: 'hearing',
    prevents: 'living processors being buried by an orchestrator that stood still itself',
    file: 'packages/registry/src/registry.ts',
    find: 'if (!hearing.couldHear(lease_ms, clock())) continue;',
    replace: '',
    noticedBy: 'nobody is called dead by one who has not listened for a whole lease',
  },
  {
    ...REGISTRY,
    name: 'one-run-for-an-id',
    prevents: "two programs under one id that take each other's frames",
    file: 'packages/registry/src/lua/register.lua',
    find: 'and seen_alive(holder) then',
    replace: 'and false then',
    noticedBy: 'another run under an id is refused while the holder registered lately',
  },
  {
    ...REGISTRY,
    name: 'room-before-a-successor',
    prevents:
      'frames of a former run that stay with it where the orchestrator dies that let its successor in',
    file: 'packages/registry/src/lua/register.lua',
    find: "if not same_run and not request.share_queue and redis.call('XLEN', queue) > 0 then return { 'unsettled', '' } end",
    replace: '',
    noticedBy: 'another run under an id does not get in while frames lie in its queue, whoever had them',
  },
  {
    ...REGISTRY,
    name: 'heartbeats-of-the-holder',
    prevents: 'a run that was replaced keeping itself alive',
    file: 'packages/registry/src/lua/heartbeat.lua',
    find: "if request.instance_id and holder.instance_id ~= request.instance_id then return 'replaced' end",
    replace: '',
    noticedBy: 'a heartbeat of a run that was replaced renews nothing',
  },
];
